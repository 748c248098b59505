-- Each component's mean of each figure, as a z-score among the components of its role.
WITH agents AS (
    SELECT
        name,
        avg(context_size) AS context_size,
        avg(context_ns) AS context_ns,
        avg(1 - cache_read_tokens / nullif(input_tokens, 0)) AS uncached,
        avg(1 - success::INTEGER) AS failures,
        avg(tool_calls) AS calls
    FROM executions
    WHERE role = 'agent'
    GROUP BY name
),
tools AS (
    SELECT
        tool_name AS name,
        avg(ln(greatest(end_ns - start_ns, 1))) AS duration,
        corr(ln(greatest(end_ns - start_ns, 1)), TRY_CAST(attributes ->> '$."host.cpu.pressure"' AS DOUBLE)) AS cpu,
        corr(ln(greatest(end_ns - start_ns, 1)), TRY_CAST(attributes ->> '$."host.memory.pressure"' AS DOUBLE)) AS memory
    FROM spans
    WHERE role = 'tool'
    GROUP BY tool_name
),
servers AS (
    SELECT attributes ->> '$."server.address"' AS name, avg(ln(greatest(end_ns - start_ns, 1))) AS duration
    FROM spans
    WHERE role = 'model'
    GROUP BY ALL
),
steps AS (
    SELECT recipe_name || '/' || name AS name, avg(ln(greatest(duration_ns, 1))) AS duration
    FROM executions
    WHERE role = 'step'
    GROUP BY ALL
),
classes AS (
    SELECT task_class AS name, avg(1 - success::INTEGER) AS failures FROM executions WHERE role = 'agent' GROUP BY task_class
),
figures AS (
    SELECT 'oversized_context' AS cause, name AS component, context_size AS value FROM agents
    UNION ALL SELECT 'slow_context_preparation', name, context_ns FROM agents
    UNION ALL SELECT 'redundant_context', name, uncached FROM agents
    UNION ALL SELECT 'wrong_agent', name, failures FROM agents
    UNION ALL SELECT 'retry_loop', name, calls FROM agents
    UNION ALL SELECT 'missing_specialist', name, failures FROM classes
    UNION ALL SELECT 'resource_contention', name, duration FROM tools
    UNION ALL SELECT 'cpu_pressure', name, cpu FROM tools
    UNION ALL SELECT 'memory_pressure', name, memory FROM tools
    UNION ALL SELECT 'network_latency', name, duration FROM servers
    UNION ALL SELECT 'step_order', name, duration FROM steps
)
SELECT
    cause,
    component,
    (value - avg(value) OVER (PARTITION BY cause)) / nullif(stddev_samp(value) OVER (PARTITION BY cause), 0) AS z
FROM figures
WHERE isfinite(value)
