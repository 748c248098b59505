-- Positions of incoming spans that are stored already.
SELECT incoming_keys.position
FROM spans
JOIN incoming_keys ON incoming_keys.trace_id = spans.trace_id AND incoming_keys.span_id = spans.span_id
WHERE spans.start_ns BETWEEN $first_ns AND $last_ns;
