-- One row a rule that fired: its cause, the component, and a weight (percent) by which rules are ordered.
WITH agents AS (
    SELECT
        name,
        task_class,
        complexity,
        success,
        duration_ns,
        context_size,
        context_ns,
        input_tokens,
        cache_read_tokens,
        model_calls
    FROM executions
    WHERE role = 'agent'
),
calls AS (
    SELECT
        agent_name,
        trace_id,
        parent_id,
        coalesce(call_hash, attributes ->> '$."gen_ai.tool.call.arguments"') AS call,
        count(*) AS made
    FROM spans
    WHERE role = 'tool'
    GROUP BY ALL
),
network AS (
    SELECT
        model,
        avg((TRY_CAST(attributes ->> '$."http.response.status_code"' AS INTEGER) >= 429)::INTEGER) AS refused,
        avg(end_ns - start_ns) / 1e9 AS seconds
    FROM spans
    WHERE role = 'model'
    GROUP BY model
),
pressed AS (
    SELECT
        tool_name,
        avg(TRY_CAST(attributes ->> '$."host.cpu.pressure"' AS DOUBLE)) AS cpu,
        avg(TRY_CAST(attributes ->> '$."host.memory.pressure"' AS DOUBLE)) AS memory
    FROM spans
    WHERE role = 'tool'
    GROUP BY tool_name
)
SELECT 'oversized_context' AS cause, name AS component, least(avg(context_size) / 500, 100) AS weight
FROM agents GROUP BY name HAVING avg(context_size) > 16000
UNION ALL
SELECT 'slow_context_preparation', name, 100 * sum(context_ns) / sum(duration_ns)
FROM agents GROUP BY name HAVING sum(context_ns) > 0.15 * sum(duration_ns)
UNION ALL
SELECT 'redundant_context', name, 100 * (0.3 - sum(cache_read_tokens) / sum(input_tokens))
FROM agents WHERE model_calls > 1 GROUP BY name HAVING sum(cache_read_tokens) < 0.25 * sum(input_tokens)
UNION ALL
SELECT 'wrong_agent', name, 100 * (1 - avg(success::INTEGER))
FROM agents GROUP BY name HAVING avg(success::INTEGER) < 0.9
UNION ALL
SELECT 'missing_specialist', task_class, 100 * (1 - avg(success::INTEGER))
FROM agents GROUP BY task_class HAVING avg(success::INTEGER) < 0.8
UNION ALL
SELECT 'underutilised_agent', name, 5.0
FROM agents GROUP BY name HAVING count(*) < 0.06 * (SELECT count(*) FROM agents)
UNION ALL
SELECT 'retry_loop', agent_name, 100 * avg((made >= 3)::INTEGER)
FROM calls GROUP BY agent_name HAVING avg((made >= 3)::INTEGER) > 0.01
UNION ALL
SELECT 'resource_contention', tool_name, 10.0
FROM spans WHERE role = 'tool' AND tool_name IS NOT NULL
GROUP BY tool_name
HAVING quantile_cont(end_ns - start_ns, 0.95) > 5 * median(end_ns - start_ns) AND median(end_ns - start_ns) > 2e9
UNION ALL
SELECT 'network_latency', model, 100 * refused FROM network WHERE refused > 0.05
UNION ALL
SELECT 'network_latency', model, 3 * seconds FROM network WHERE seconds > 8
UNION ALL
SELECT 'cpu_pressure', tool_name, 100 * cpu - 40 FROM pressed WHERE cpu > 0.5
UNION ALL
SELECT 'memory_pressure', tool_name, 100 * memory - 40 FROM pressed WHERE memory > 0.5
