-- Pairs and triples of commands that follow each other in a session, and the gaps (ns) between end and next start.
-- Commands inside another unit are its own business; who knows no session has no sequence.
WITH ran AS (
    SELECT
        name, success, start_ns, end_ns,
        lead(name, 1) OVER following AS second,
        lead(success, 1) OVER following AS second_success,
        lead(start_ns, 1) OVER following - end_ns AS gap,
        lead(name, 2) OVER following AS third,
        lead(success, 2) OVER following AS third_success,
        lead(start_ns, 2) OVER following - lead(end_ns, 1) OVER following AS second_gap
    FROM counted
    WHERE role = 'command' AND parent_id IS NULL AND session_id IS NOT NULL
        AND start_ns >= $since AND start_ns < $until
    WINDOW following AS (PARTITION BY session_id ORDER BY start_ns, span_id)
),
found AS (
    SELECT name, second, NULL AS third, count(*) AS executions, count(*) FILTER (WHERE second_success) AS successes,
        quantile_cont(gap, 0.5) AS gap_ns
    FROM ran
    WHERE second IS NOT NULL
    GROUP BY name, second
    UNION ALL
    SELECT name, second, third, count(*), count(*) FILTER (WHERE third_success),
        quantile_cont((gap + second_gap) / 2, 0.5)
    FROM ran
    WHERE third IS NOT NULL
    GROUP BY name, second, third
)
SELECT name AS command, second, third, executions, successes, gap_ns
FROM found
WHERE $only IS NULL OR name = $only
QUALIFY row_number() OVER (PARTITION BY name ORDER BY executions DESC, third IS NOT NULL, second, third) <= 20
ORDER BY command, executions DESC, third IS NOT NULL, second, third;
