-- The steps of recipes in some traces, skipped ones included, and the agents in them.
WITH linked AS (
    SELECT trace_id, span_id, links FROM spans
    WHERE role = 'step' AND links IS NOT NULL AND trace_id IN (SELECT unnest($traces::VARCHAR[]))
)
SELECT
    trace_id, span_id, parent_id, recipe_span_id, role, name, outcome, success, start_ns, end_ns, depends_on, reads,
    writes, model_ns, blocked_ns, input_tokens, context_size, context_ns, cpu_pressure, cpu_time_s, cpu_count, links
FROM executions
LEFT JOIN linked USING (trace_id, span_id)
WHERE role IN ('step', 'agent') AND recipe_span_id IS NOT NULL
    AND trace_id IN (SELECT unnest($traces::VARCHAR[]))
ORDER BY start_ns, span_id;
