-- The calls of models and tools in the traces that were chosen; a model span around others is left out where it says no
-- server and no tokens of its own.
SELECT
    spans.trace_id, spans.span_id, spans.parent_id, coalesce(maker.execution_id, spans.parent_id) AS execution_id,
    spans.role, spans.component AS name, spans.agent_name,
    spans.recipe_name, spans.step_name, spans.complexity, spans.task_class, spans.outcome, spans.error_type,
    spans.server, spans.model, spans.start_ns, spans.end_ns, spans.end_ns - spans.start_ns AS duration_ns,
    spans.outcome = 'success' AS success, spans.http_status, spans.input_tokens, spans.cache_read_tokens,
    spans.cache_write_tokens, spans.output_tokens, spans.cpu_pressure, spans.memory_pressure, spans.cpu_steal,
    spans.weight * chosen.times AS weight
FROM spans
JOIN chosen_traces AS chosen USING (trace_id)
LEFT JOIN counted AS maker
    ON maker.trace_id = spans.trace_id AND maker.span_id = spans.parent_id
WHERE spans.role IN ('model', 'tool')
  AND spans.start_ns >= $since AND spans.start_ns < $until
  AND spans.outcome <> 'skip'
  AND spans.executor IS DISTINCT FROM 'human'
  AND (spans.role = 'tool' OR spans.server IS NOT NULL OR spans.output_tokens IS NOT NULL)
ORDER BY spans.start_ns, spans.trace_id, spans.span_id;
