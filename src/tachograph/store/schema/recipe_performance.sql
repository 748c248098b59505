-- The specification's storage record of recipe executions; satisfaction is NULL until someone rated.
CREATE OR REPLACE VIEW recipe_performance AS
SELECT
    execution_id,
    name AS recipe_name,
    make_timestamp(start_ns // 1000) AS timestamp,
    duration_ns / 1e6 AS duration_ms,
    steps_total,
    steps_completed,
    success,
    error_type,
    error_message,
    round(100 * time_saved)::BIGINT || '%' AS time_saved_estimate,
    quality.satisfaction AS user_satisfaction
FROM recipe_runs
LEFT JOIN execution_quality AS quality USING (trace_id, span_id);
