-- The slowest executions of recipes, and of agents that ran in none, with their traces.
SELECT role, name, duration_ns, outcome, trace_id, start_ns
FROM counted
WHERE (role = 'recipe' OR (role = 'agent' AND recipe_name IS NULL))
    AND start_ns >= $since AND start_ns < $until
ORDER BY duration_ns DESC, start_ns, trace_id, span_id
LIMIT 5;
