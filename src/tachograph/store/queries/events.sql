-- Executions at their end and log records, in order of time; of one moment, what began before what ended.
SELECT
    end_ns AS time_ns, trace_id, span_id, 'execution' AS kind, role, name, execution_id,
    agent_name, recipe_name, step_name, service_name, user_id, session_id, version, outcome, duration_ns,
    error_type, error_message, exit_code,
    NULL AS event_name, NULL AS severity, NULL AS body, NULL AS attributes
FROM executions
WHERE role IN ('agent', 'recipe', 'command')
    AND start_ns >= $since AND start_ns < $until
UNION ALL
SELECT
    time_ns, trace_id, span_id, 'log', NULL, NULL, NULL,
    NULL, NULL, NULL, service_name, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL,
    event_name, severity, body, attributes
FROM logs
WHERE time_ns >= $since AND time_ns < $until
ORDER BY time_ns, trace_id, span_id, kind DESC, event_name, role, body;
