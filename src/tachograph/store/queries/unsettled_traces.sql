-- The next traces to settle, in order of time, so that a block of them lies in a short range of start times.
SELECT trace_id, min(first_ns) AS first_ns, max(last_ns) AS last_ns, CAST(sum(spans) AS BIGINT) AS spans
FROM arrivals
WHERE trace_id IN (SELECT trace_id FROM unsettled)
GROUP BY trace_id
ORDER BY first_ns, trace_id
LIMIT $traces;
