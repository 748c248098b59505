-- When the first execution or log record is from and when the last one ends; NULL in an empty store.
SELECT min(since) AS since, max(until) AS until
FROM (
    SELECT min(start_ns) AS since, max(end_ns) AS until FROM executions
    UNION ALL
    SELECT min(time_ns), max(time_ns) FROM logs WHERE time_ns > 0
);
