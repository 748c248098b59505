-- The specification's storage record recipe_performance in a window, for other programs.
SELECT * FROM recipe_performance
WHERE timestamp >= make_timestamp($since // 1000) AND timestamp < make_timestamp(least($until, 9223372036854775000) // 1000)
ORDER BY timestamp, execution_id;
