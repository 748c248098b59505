-- How many of the incoming announced spans are known already.
SELECT count(*) AS known
FROM started
JOIN incoming_started ON incoming_started.trace_id = started.trace_id AND incoming_started.span_id = started.span_id;
