-- Steps of each recipe, in the order in which they first started; skipped ones count nowhere.
SELECT
    recipe_name,
    name AS step_name,
    count(*) AS executions,
    count(*) FILTER (WHERE success) AS successes,
    sum(duration_ns) AS duration_ns
FROM counted
WHERE role = 'step' AND recipe_name IS NOT NULL
    AND start_ns >= $since AND start_ns < $until
    AND ($only IS NULL OR recipe_name = $only)
GROUP BY recipe_name, name
ORDER BY recipe_name, min(step_index), min(start_ns), step_name;
