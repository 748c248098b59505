-- What bottlenecks are looked for in: the units of a window, of $most traces at most (but $least of each root
-- component), chosen by a hash of their id; `weight` is how many units each stands for.
WITH inside AS (
    SELECT * FROM counted
    WHERE start_ns >= $since AND start_ns < $until
),
tops AS (
    SELECT trace_id, arg_min(role || '/' || name, start_ns) AS top
    FROM inside
    WHERE parent_id IS NULL
    GROUP BY trace_id
),
bounds AS (
    SELECT greatest($least, $most // count(DISTINCT top)) AS cap FROM tops
),
chosen AS (
    SELECT
        trace_id,
        row_number() OVER (PARTITION BY top ORDER BY hash(trace_id)) AS place,
        count(*) OVER (PARTITION BY top) AS traces,
        cap
    FROM tops, bounds
),
began AS (
    SELECT trace_id, execution_id, arg_min(message, start_ns) AS message
    FROM failures
    WHERE start_ns >= $since
    GROUP BY trace_id, execution_id
)
SELECT
    inside.* EXCLUDE (weight, error_message, command_options, user_id, session_id),
    inside.weight * greatest(1, chosen.traces / chosen.cap) AS weight,
    CASE WHEN NOT inside.success THEN began.message END AS message
FROM inside
JOIN chosen USING (trace_id)
LEFT JOIN began
    ON began.trace_id = inside.trace_id AND began.execution_id = inside.execution_id
WHERE chosen.place <= chosen.cap
ORDER BY start_ns, trace_id, span_id;
