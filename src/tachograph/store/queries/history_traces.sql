-- Which traces of a window are looked at: $most at most, but $least of each root component, chosen by a hash of their id;
-- `times` is how many each stands for.
WITH tops AS (
    SELECT trace_id, arg_min(role || '/' || name, start_ns) AS top
    FROM counted
    WHERE start_ns >= $since AND start_ns < $until AND parent_id IS NULL
    GROUP BY trace_id
),
bounds AS (
    SELECT greatest($least, $most // greatest(1, count(DISTINCT top))) AS cap FROM tops
),
placed AS (
    SELECT
        trace_id,
        row_number() OVER (PARTITION BY top ORDER BY hash(trace_id)) AS place,
        count(*) OVER (PARTITION BY top) AS traces
    FROM tops
)
SELECT trace_id, greatest(1, traces / cap) AS times
FROM placed, bounds
WHERE place <= cap;
