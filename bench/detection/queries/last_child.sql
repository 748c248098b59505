-- Steps that hold more than 40 % of what their recipe takes, along the child that finishes last and, before it began,
-- the one that then finished last; on a recipe's own steps this is each step's time not covered by a later one.
WITH steps AS (
    SELECT
        trace_id,
        parent_id,
        recipe_name || '/' || name AS component,
        recipe_name,
        start_ns,
        end_ns,
        max(end_ns) OVER (
            PARTITION BY trace_id, parent_id ORDER BY end_ns DESC, start_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS later_end,
        min(start_ns) OVER (
            PARTITION BY trace_id, parent_id ORDER BY end_ns DESC, start_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS later_start
    FROM executions
    WHERE role = 'step'
),
on_path AS (
    SELECT component, recipe_name, sum(end_ns - start_ns) AS path_ns
    FROM steps
    WHERE later_end IS NULL OR end_ns <= later_start
    GROUP BY ALL
),
totals AS (
    SELECT name, sum(duration_ns) AS total_ns FROM executions WHERE role = 'recipe' GROUP BY name
)
SELECT component, 100 * path_ns / total_ns AS weight
FROM on_path
JOIN totals ON totals.name = on_path.recipe_name
WHERE path_ns > 0.4 * total_ns
