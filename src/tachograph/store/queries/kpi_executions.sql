-- Sufficient statistics of one role's executions in a window: counts, and sums of durations (s) and their squares.
SELECT
    count(*) AS n,
    count(*) FILTER (WHERE success) AS successes,
    sum(duration_ns / 1e9) AS total,
    sum((duration_ns / 1e9) ** 2) AS squares,
    quantile_cont(duration_ns, 0.5) / 1e9 AS p50,
    quantile_cont(duration_ns, 0.95) / 1e9 AS p95
FROM counted
WHERE role = $role
    AND start_ns >= $since AND start_ns < $until;
