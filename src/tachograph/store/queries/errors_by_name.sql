-- Error types of unsuccessful executions of one role, the most frequent first.
SELECT
    name,
    recipe_name,
    error_type,
    count(*) AS executions
FROM counted
WHERE role = $role AND NOT success
    AND error_type IS NOT NULL
    AND start_ns >= $since AND start_ns < $until
GROUP BY name, recipe_name, error_type
ORDER BY executions DESC, error_type;
