-- Where failures began: unsuccessful executions with none unsuccessful directly below, by name and error;
-- the recipes they were in, how often, and the trace of the latest case.
WITH failed AS (
    SELECT * FROM counted WHERE NOT success AND start_ns >= $since AND start_ns < $until
),
began AS (
    SELECT failed.*
    FROM failed
    LEFT JOIN (SELECT DISTINCT trace_id, parent_id FROM failed) AS below
        ON below.trace_id = failed.trace_id AND below.parent_id = failed.span_id
    WHERE below.trace_id IS NULL
)
SELECT
    role,
    name,
    coalesce(error_type, outcome) AS error,
    string_agg(DISTINCT recipe_name, ', ' ORDER BY recipe_name) AS recipes,
    count(*) AS executions,
    arg_max(trace_id, start_ns) AS trace_id
FROM began
GROUP BY role, name, error
ORDER BY executions DESC, max(start_ns) DESC
LIMIT 50;
