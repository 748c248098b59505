-- The table failures in a window, for other programs.
SELECT * FROM failures
WHERE start_ns >= $since AND start_ns < $until
ORDER BY start_ns, span_id;
