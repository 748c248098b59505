-- The table executions in a window, for other programs.
SELECT * FROM executions
WHERE start_ns >= $since AND start_ns < $until
ORDER BY start_ns, span_id;
