-- Users seen in the window and those of them who ran a command; sessions where users are unknown.
WITH seen AS (
    SELECT coalesce(user_id, 'session ' || session_id) AS who, bool_or(role = 'command') AS ran_command
    FROM counted
    WHERE start_ns >= $since AND start_ns < $until
        AND (user_id IS NOT NULL OR session_id IS NOT NULL)
    GROUP BY who
)
SELECT count(*) AS n, count(*) FILTER (WHERE ran_command) AS successes FROM seen;
