-- Agents, recipes and commands by UTC day, for the sparklines of the report.
SELECT
    role,
    strftime(make_timestamp_ns(start_ns), '%Y-%m-%d') AS date,
    count(*) AS executions,
    count(*) FILTER (WHERE success) AS successes,
    sum(duration_ns) / 1e9 AS seconds
FROM counted
WHERE role IN ('agent', 'recipe', 'command')
    AND start_ns >= $since AND start_ns < $until
GROUP BY role, date
ORDER BY role, date;
