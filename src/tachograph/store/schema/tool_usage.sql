-- The specification's storage record of commands that were run.
CREATE OR REPLACE VIEW tool_usage AS
SELECT
    execution_id,
    name AS command,
    make_timestamp(start_ns // 1000) AS timestamp,
    user_id,
    session_id,
    duration_ns / 1e6 AS duration_ms,
    success,
    exit_code,
    error_type,
    error_message,
    from_json(command_options, '["VARCHAR"]') AS options
FROM counted
WHERE role = 'command';
