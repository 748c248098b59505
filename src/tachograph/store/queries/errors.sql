-- Masked messages of failures by component: how often, when, in which recipes' executions; the latest as examples.
SELECT
    message,
    component,
    role,
    count(*) AS failures,
    count(*) FILTER (WHERE recovered) AS recovered,
    array_agg(DISTINCT recipe_name) FILTER (WHERE recipe_name IS NOT NULL) AS recipes,
    min(start_ns) AS first_ns,
    max(start_ns) AS last_ns,
    arg_max(execution_id, start_ns, 5) AS latest,
    max(start_ns, 5) AS latest_ns,
    arg_max(trace_id, start_ns) AS trace_id
FROM failures
WHERE executor IS DISTINCT FROM 'human'
    AND start_ns >= $since AND start_ns < $until
    AND ($only IS NULL OR component = $only)
GROUP BY message, component, role
ORDER BY failures DESC, message, component, role;
