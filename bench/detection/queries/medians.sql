-- Steps that always follow each other with no declared need: side by side they would save the smaller of the medians.
WITH steps AS (
    SELECT
        trace_id,
        recipe_name,
        name,
        start_ns,
        end_ns,
        duration_ns,
        depends_on,
        lead(name) OVER following AS next_name,
        lead(start_ns) OVER following AS next_start,
        lead(duration_ns) OVER following AS next_duration,
        lead(depends_on) OVER following AS next_needs
    FROM executions
    WHERE role = 'step'
    WINDOW following AS (PARTITION BY trace_id, parent_id ORDER BY start_ns)
),
recipes AS (
    SELECT name, median(duration_ns) AS median_ns FROM executions WHERE role = 'recipe' GROUP BY name
)
SELECT
    recipe_name AS recipe,
    steps.name AS first,
    next_name AS second,
    100 * least(median(duration_ns), median(next_duration)) / any_value(median_ns) AS weight
FROM steps
JOIN recipes ON recipes.name = recipe_name
WHERE next_name IS NOT NULL
GROUP BY ALL
HAVING min(next_start - end_ns) >= 0 AND NOT bool_or(coalesce(contains(next_needs, '"' || steps.name || '"'), false))
   AND count(*) > 20
