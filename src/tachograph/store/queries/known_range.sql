-- When the stored spans of the incoming traces started; no row values where none of these traces is known.
SELECT min(arrivals.first_ns) AS first_ns, max(arrivals.last_ns) AS last_ns
FROM arrivals
WHERE arrivals.trace_id IN (SELECT trace_id FROM incoming_arrivals);
