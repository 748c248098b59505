-- The latest execution of an id; the span's id will do as well.
SELECT trace_id, span_id, role, name
FROM executions
WHERE execution_id = $execution OR span_id = $execution
ORDER BY start_ns DESC, trace_id, span_id
LIMIT 1;
