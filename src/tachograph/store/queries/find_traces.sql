-- Up to a few traces whose id lies in a range (a prefix is one), each with when its spans start.
SELECT trace_id, min(first_ns) AS first_ns, max(last_ns) AS last_ns
FROM arrivals
WHERE trace_id >= $low AND trace_id <= $high
GROUP BY trace_id
ORDER BY trace_id
LIMIT 4;
