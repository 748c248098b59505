-- The specification's storage record of agent executions; quality is NULL until something was assessed.
CREATE OR REPLACE VIEW agent_performance AS
SELECT
    execution_id,
    name AS agent_name,
    make_timestamp(start_ns // 1000) AS timestamp,
    duration_ns / 1e6 AS duration_ms,
    CASE WHEN usage_known
        THEN own_input_tokens + own_cache_read_tokens + own_cache_write_tokens + own_output_tokens
    END AS tokens_used,
    context_size,
    success,
    error_type,
    error_message,
    complexity AS task_complexity,
    quality.overall AS quality_score,
    quality.correctness,
    quality.completeness,
    quality.code_quality,
    quality.efficiency
FROM counted
LEFT JOIN execution_quality AS quality USING (trace_id, span_id)
WHERE role = 'agent';
