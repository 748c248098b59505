INSERT INTO arrivals (trace_id, first_ns, last_ns, spans)
SELECT trace_id, first_ns, last_ns, spans FROM incoming_arrivals;
