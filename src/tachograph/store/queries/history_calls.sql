-- The calls of models and tools in the traces that were chosen; a model span around others is left out where it says no
-- server and no tokens of its own. What a call does not say of its task, its maker does. `again` are calls that begin
-- after the same one of the same maker has ended; `answered` the first ones of an agent at a step, or of each execution
-- where no step is known, that begin after one of their trace was answered; `traces_alike` is how many traces make it.
WITH alike AS (
    SELECT call_hash, count(DISTINCT trace_id) AS traces
    FROM spans
    JOIN chosen_traces USING (trace_id)
    WHERE role = 'tool' AND call_hash IS NOT NULL AND start_ns >= $since AND start_ns < $until
    GROUP BY call_hash
    HAVING count(*) > 1
)
SELECT
    spans.trace_id, spans.span_id, spans.parent_id, coalesce(maker.execution_id, spans.parent_id) AS execution_id,
    spans.role, spans.component AS name, coalesce(spans.agent_name, maker.agent_name) AS agent_name,
    coalesce(spans.recipe_name, maker.recipe_name) AS recipe_name,
    coalesce(spans.step_name, maker.step_name) AS step_name,
    coalesce(spans.complexity, maker.complexity) AS complexity,
    coalesce(spans.task_class, maker.task_class) AS task_class, spans.outcome, spans.error_type,
    spans.server, spans.model, spans.start_ns, spans.end_ns, spans.end_ns - spans.start_ns AS duration_ns,
    spans.outcome = 'success' AS success, spans.http_status, spans.input_tokens, spans.cache_read_tokens,
    spans.cache_write_tokens, spans.output_tokens, spans.cpu_pressure, spans.memory_pressure, spans.cpu_steal,
    spans.call_hash IS NOT NULL AND spans.start_ns >= min(greatest(spans.end_ns, spans.start_ns + 1)) OVER (
        PARTITION BY spans.trace_id, spans.parent_id, spans.role, spans.call_hash
    ) AS again,
    coalesce(
        spans.start_ns >= min(spans.end_ns) FILTER (WHERE spans.outcome = 'success') OVER (
            PARTITION BY spans.trace_id, spans.role, spans.call_hash
        )
        AND spans.start_ns = min(spans.start_ns) OVER (
            PARTITION BY spans.trace_id, spans.role, spans.call_hash,
                coalesce(spans.agent_name, maker.agent_name),
                coalesce(spans.step_name, maker.step_name, spans.parent_id)
        ),
        false
    ) AS answered,
    alike.traces AS traces_alike,
    surroundings.host, surroundings.region, surroundings.environment, spans.weight * chosen.times AS weight
FROM spans
JOIN chosen_traces AS chosen USING (trace_id)
LEFT JOIN surroundings USING (resource)
LEFT JOIN counted AS maker
    ON maker.trace_id = spans.trace_id AND maker.span_id = spans.parent_id
LEFT JOIN alike ON spans.role = 'tool' AND alike.call_hash = spans.call_hash
WHERE spans.role IN ('model', 'tool')
  AND spans.start_ns >= $since AND spans.start_ns < $until
  AND spans.outcome <> 'skip'
  AND spans.executor IS DISTINCT FROM 'human'
  AND (spans.role = 'tool' OR spans.server IS NOT NULL OR spans.output_tokens IS NOT NULL)
ORDER BY spans.start_ns, spans.trace_id, spans.span_id;
