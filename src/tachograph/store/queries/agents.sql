-- One row an agent: counts, durations (ns), tokens of its own calls, cost (USD).
SELECT
    name AS agent_name,
    count(*) AS executions,
    count(*) FILTER (WHERE success) AS successes,
    sum(duration_ns) AS duration_ns,
    quantile_cont(duration_ns, 0.5) AS p50_ns,
    quantile_cont(duration_ns, 0.95) AS p95_ns,
    bool_or(usage_known) AS usage_known,
    sum(own_input_tokens) AS input_tokens,
    sum(own_cache_read_tokens) AS cache_read_tokens,
    sum(own_cache_write_tokens) AS cache_write_tokens,
    sum(own_output_tokens) AS output_tokens,
    sum(own_wasted_tokens) AS wasted_tokens,
    avg(context_size) AS context_size,
    sum(own_cost_usd) AS cost_usd,
    avg(quality.overall) AS quality
FROM counted
LEFT JOIN execution_quality AS quality USING (trace_id, span_id)
WHERE role = 'agent'
    AND start_ns >= $since AND start_ns < $until
    AND ($only IS NULL OR name = $only)
GROUP BY name
ORDER BY executions DESC, agent_name;
