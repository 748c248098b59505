-- The table spans in a window, for other programs.
SELECT * FROM spans
WHERE start_ns >= $since AND start_ns < $until
ORDER BY start_ns, span_id;
