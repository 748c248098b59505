-- Success by what executions have in common: version, complexity, size of the context (in bands of powers of four).
WITH chosen AS (
    SELECT
        name, success, duration_ns, version, complexity, context_size,
        greatest(floor(log(greatest(context_size, 1)) / log(4) + 1e-9), 3)::INTEGER AS band
    FROM counted
    WHERE role = $role
        AND start_ns >= $since AND start_ns < $until
        AND ($only IS NULL OR name = $only)
),
conditions AS (
    SELECT name, success, duration_ns, 'version' AS condition, version AS value, 0 AS band FROM chosen WHERE version IS NOT NULL
    UNION ALL
    SELECT name, success, duration_ns, 'complexity', complexity, 0 FROM chosen WHERE complexity IS NOT NULL
    UNION ALL
    SELECT name, success, duration_ns, 'context_size', NULL, band FROM chosen WHERE context_size IS NOT NULL
)
SELECT
    name, condition, value, band,
    count(*) AS executions, count(*) FILTER (WHERE success) AS successes, avg(duration_ns) AS duration_ns
FROM conditions
GROUP BY name, condition, value, band
ORDER BY name, condition, band, value;
