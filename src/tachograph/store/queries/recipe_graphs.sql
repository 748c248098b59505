-- Steps of the latest executions of each recipe; of executions that overlap in a trace, a step belongs to its parent,
-- else to the one that began last before it.
WITH runs AS (
    SELECT name, trace_id, span_id, start_ns, end_ns, success
    FROM counted
    WHERE role = 'recipe'
        AND start_ns >= $since AND start_ns < $until
    QUALIFY row_number() OVER (PARTITION BY name ORDER BY start_ns DESC, span_id) <= $latest
)
SELECT
    runs.name AS recipe_name,
    runs.span_id AS run_id,
    runs.start_ns AS run_start_ns,
    runs.end_ns AS run_end_ns,
    runs.success AS run_success,
    steps.span_id,
    steps.name AS step_name,
    steps.start_ns,
    steps.end_ns,
    steps.success,
    steps.depends_on
FROM runs
JOIN counted AS steps
    ON steps.trace_id = runs.trace_id AND steps.role = 'step' AND steps.recipe_name = runs.name
    AND steps.start_ns BETWEEN runs.start_ns AND runs.end_ns
QUALIFY row_number() OVER (
    PARTITION BY steps.trace_id, steps.span_id
    ORDER BY (steps.parent_id IS NOT DISTINCT FROM runs.span_id) DESC, runs.start_ns DESC, runs.span_id
) = 1
ORDER BY recipe_name, run_start_ns, run_id, steps.start_ns, steps.span_id;
