-- Performance of each agent on simple, medium and complex tasks; executions without complexity are in no class.
SELECT
    name AS agent_name,
    complexity,
    count(*) AS executions,
    count(*) FILTER (WHERE success) AS successes,
    sum(duration_ns) AS duration_ns,
    avg(quality.overall) AS quality
FROM counted
LEFT JOIN execution_quality AS quality USING (trace_id, span_id)
WHERE role = 'agent'
    AND complexity IN ('simple', 'medium', 'complex')
    AND start_ns >= $since AND start_ns < $until
    AND ($only IS NULL OR name = $only)
GROUP BY name, complexity;
