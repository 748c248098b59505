-- Which executions a window holds: those of one state of the store from the first to the last.
SELECT count(*) AS executions, min(start_ns) AS first_ns, max(start_ns) AS last_ns
FROM executions
WHERE start_ns >= $since AND start_ns < $until;
