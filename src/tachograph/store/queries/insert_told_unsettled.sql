-- Traces that log events or session files told of, and that spans of the same sessions now change.
INSERT INTO unsettled (trace_id)
SELECT DISTINCT trace_id FROM arrivals WHERE trace_id IN (SELECT trace_id FROM incoming_arrivals);
