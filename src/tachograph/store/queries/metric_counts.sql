-- Executions by outcome, those of people left out; skipped ones count here and nowhere else.
SELECT
    role,
    name,
    CASE WHEN role = 'step' THEN recipe_name END AS recipe_name,
    CASE WHEN role = 'agent' THEN complexity END AS complexity,
    outcome,
    CASE WHEN NOT success THEN error_type END AS error_type,
    count(*) AS executions,
    count(*) FILTER (WHERE success) AS successes
FROM executions
WHERE role IN ('agent', 'recipe', 'step', 'command')
    AND executor IS DISTINCT FROM 'human'
    AND start_ns >= $since AND start_ns < $until
GROUP BY ALL
ORDER BY ALL;
