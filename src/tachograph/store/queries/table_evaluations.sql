-- The table evaluations in a window, for other programs.
SELECT * FROM evaluations
WHERE start_ns >= $since AND start_ns < $until
ORDER BY start_ns, span_id;
