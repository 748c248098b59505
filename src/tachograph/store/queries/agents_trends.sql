-- Agents by UTC day, ISO week and month of their start.
WITH dated AS (
    SELECT name, success, duration_ns, make_timestamp_ns(start_ns) AS started
    FROM counted
    WHERE role = 'agent'
        AND start_ns >= $since AND start_ns < $until
        AND ($only IS NULL OR name = $only)
),
periods AS (
    SELECT *, 'daily' AS grain, strftime(started, '%Y-%m-%d') AS date FROM dated
    UNION ALL
    SELECT *, 'weekly', strftime(started, '%G-W%V') FROM dated
    UNION ALL
    SELECT *, 'monthly', strftime(started, '%Y-%m') FROM dated
)
SELECT
    name AS agent_name,
    grain,
    date,
    count(*) AS executions,
    count(*) FILTER (WHERE success) AS successes,
    sum(duration_ns) AS duration_ns
FROM periods
GROUP BY name, grain, date
ORDER BY name, grain, date;
