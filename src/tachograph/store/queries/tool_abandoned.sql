-- Sessions whose last command did not succeed, by that command: it failed, and nothing followed.
WITH last AS (
    SELECT arg_max(name, start_ns) AS command, arg_max(success, start_ns) AS success
    FROM counted
    WHERE role = 'command' AND parent_id IS NULL AND session_id IS NOT NULL
        AND start_ns >= $since AND start_ns < $until
    GROUP BY session_id
)
SELECT command, count(*) AS sessions
FROM last
WHERE NOT success
GROUP BY command;
