-- The spans where failures with each masked message began, in order of time.
SELECT message, list(span_id ORDER BY start_ns, span_id) AS span_ids
FROM failures
WHERE executor IS DISTINCT FROM 'human'
    AND start_ns >= $since AND start_ns < $until
    AND ($only IS NULL OR component = $only)
GROUP BY message;
