-- The calls of models and tools in the traces that history.sql chooses; a model span around others is left out where it
-- says no server and no tokens of its own.
WITH inside AS (
    SELECT * FROM counted
    WHERE start_ns >= $since AND start_ns < $until
),
tops AS (
    SELECT trace_id, arg_min(role || '/' || name, start_ns) AS top
    FROM inside
    WHERE parent_id IS NULL
    GROUP BY trace_id
),
bounds AS (
    SELECT greatest($least, $most // count(DISTINCT top)) AS cap FROM tops
),
chosen AS (
    SELECT
        trace_id,
        row_number() OVER (PARTITION BY top ORDER BY hash(trace_id)) AS place,
        count(*) OVER (PARTITION BY top) AS traces,
        cap
    FROM tops, bounds
)
SELECT
    spans.trace_id, spans.span_id, spans.parent_id, coalesce(maker.execution_id, spans.parent_id) AS execution_id, spans.role, spans.component AS name, spans.agent_name,
    spans.recipe_name, spans.step_name, spans.complexity, spans.task_class, spans.outcome, spans.error_type,
    spans.server, spans.model, spans.start_ns, spans.end_ns, spans.end_ns - spans.start_ns AS duration_ns,
    spans.outcome = 'success' AS success, spans.http_status, spans.input_tokens, spans.cache_read_tokens,
    spans.output_tokens, spans.cpu_pressure, spans.memory_pressure, spans.cpu_steal,
    spans.weight * greatest(1, chosen.traces / chosen.cap) AS weight
FROM spans
JOIN chosen USING (trace_id)
LEFT JOIN inside AS maker ON maker.trace_id = spans.trace_id AND maker.span_id = spans.parent_id
WHERE chosen.place <= chosen.cap
  AND spans.role IN ('model', 'tool')
  AND spans.outcome <> 'skip'
  AND spans.executor IS DISTINCT FROM 'human'
  AND (spans.role = 'tool' OR spans.server IS NOT NULL OR spans.output_tokens IS NOT NULL)
ORDER BY spans.start_ns, spans.trace_id, spans.span_id;
