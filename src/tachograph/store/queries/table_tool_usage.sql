-- The specification's storage record tool_usage in a window, for other programs.
SELECT * FROM tool_usage
WHERE timestamp >= make_timestamp($since // 1000) AND timestamp < make_timestamp(least($until, 9223372036854775000) // 1000)
ORDER BY timestamp, execution_id;
