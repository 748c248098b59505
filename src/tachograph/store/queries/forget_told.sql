-- Turns that are told of again: what was said last counts.
DELETE FROM started
WHERE told_by IS NOT NULL
  AND trace_id IN (SELECT trace_id FROM incoming_started) AND span_id IN (SELECT span_id FROM incoming_started);
