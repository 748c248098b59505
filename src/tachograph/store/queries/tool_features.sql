-- Options of each command with who used them, the most used first.
WITH used AS (
    SELECT
        name AS command,
        coalesce(user_id, 'session ' || session_id) AS who,
        unnest(list_distinct(from_json(command_options, '["VARCHAR"]'))) AS option
    FROM counted
    WHERE role = 'command' AND command_options IS NOT NULL
        AND start_ns >= $since AND start_ns < $until
        AND ($only IS NULL OR name = $only)
)
SELECT command, option, count(*) AS executions, count(DISTINCT who) AS users
FROM used
GROUP BY command, option
ORDER BY command, users DESC, executions DESC, option;
