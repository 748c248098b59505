-- The units of the traces that were chosen, with what each says went wrong and where it ran (`surroundings`); `weight` is
-- how many units each stands for.
WITH began AS (
    SELECT trace_id, execution_id, arg_min(message, start_ns) AS message
    FROM failures
    WHERE start_ns >= $since
    GROUP BY trace_id, execution_id
),
placed AS (
    SELECT spans.trace_id, spans.span_id, surroundings.host, surroundings.region, surroundings.environment
    FROM spans
    JOIN surroundings USING (resource)
    WHERE coalesce(surroundings.host, surroundings.region, surroundings.environment) IS NOT NULL
      AND spans.start_ns >= $since AND spans.start_ns < $until
)
SELECT
    units.* EXCLUDE (weight, error_message, command_options, session_id),
    units.weight * chosen.times AS weight,
    CASE WHEN NOT units.success THEN began.message END AS message,
    placed.host,
    placed.region,
    placed.environment
FROM counted AS units
JOIN chosen_traces AS chosen USING (trace_id)
LEFT JOIN began
    ON began.trace_id = units.trace_id AND began.execution_id = units.execution_id
LEFT JOIN placed ON placed.trace_id = units.trace_id AND placed.span_id = units.span_id
WHERE units.start_ns >= $since AND units.start_ns < $until
ORDER BY units.start_ns, units.trace_id, units.span_id;
