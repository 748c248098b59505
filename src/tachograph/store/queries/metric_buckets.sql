-- For each upper bound how many executions of a role do not reach beyond it, and the sum of all; $what is `duration` (s)
-- or `context` (tokens).
WITH measured AS (
    SELECT
        name,
        CASE WHEN role = 'step' THEN recipe_name END AS recipe_name,
        CASE WHEN role = 'agent' AND $what = 'duration' THEN complexity END AS complexity,
        CASE WHEN $what = 'context' THEN context_size ELSE duration_ns / 1e9 END AS value
    FROM counted
    WHERE role = $role
        AND start_ns >= $since AND start_ns < $until
)
SELECT
    name,
    recipe_name,
    complexity,
    bound,
    count(*) FILTER (WHERE value <= bound) AS executions,
    sum(value) AS total
FROM measured
CROSS JOIN (SELECT unnest($bounds::DOUBLE[]) AS bound)
WHERE value IS NOT NULL
GROUP BY ALL
ORDER BY ALL;
