-- One row a command: counts, durations (ns), who ran it, and everybody seen in the window, with commands or not.
WITH who AS (
    SELECT role, name, success, duration_ns, session_id, coalesce(user_id, 'session ' || session_id) AS who
    FROM counted
    WHERE start_ns >= $since AND start_ns < $until
)
SELECT
    name AS command,
    count(*) AS executions,
    count(*) FILTER (WHERE success) AS successes,
    count(DISTINCT who) AS users,
    count(DISTINCT session_id) AS sessions,
    quantile_cont(duration_ns, 0.5) AS p50_ns,
    quantile_cont(duration_ns, 0.95) AS p95_ns,
    (SELECT count(DISTINCT who) FROM who) AS seen
FROM who
WHERE role = 'command'
    AND ($only IS NULL OR name = $only)
GROUP BY name
ORDER BY executions DESC, command;
