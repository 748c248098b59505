-- The executions of a recipe in a window; of more than about $cap a sample that keeps outcomes and deciles of duration in
-- their proportion, `weight` is how many each stands for.
WITH runs AS (
    SELECT
        trace_id, span_id, execution_id, success, start_ns, duration_ns, complexity, task_class, partial, weight,
        ntile(10) OVER (PARTITION BY success ORDER BY duration_ns, span_id) AS decile,
        count(*) OVER () AS total
    FROM counted
    WHERE role = 'recipe' AND name = $recipe AND start_ns >= $since AND start_ns < $until
),
placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY success, decile ORDER BY hash(span_id)) AS place,
        count(*) OVER (PARTITION BY success, decile) AS stratum
    FROM runs
),
chosen AS (
    SELECT *, greatest(1, least(stratum, round($cap * stratum / total)))::BIGINT AS kept FROM placed
)
SELECT
    trace_id, span_id, execution_id, success, start_ns, duration_ns, complexity, task_class, partial, total,
    weight * stratum / kept AS weight
FROM chosen
WHERE place <= kept
ORDER BY start_ns, span_id;
