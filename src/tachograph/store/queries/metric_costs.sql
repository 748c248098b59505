-- Cost (USD) by agent and model, each call once: of spans below which nothing tells its cost again.
SELECT calls.agent_name, calls.model, sum(calls.cost_usd) AS cost_usd
FROM spans AS calls
WHERE calls.cost_usd IS NOT NULL AND calls.agent_name IS NOT NULL
    AND calls.executor IS DISTINCT FROM 'human'
    AND calls.start_ns >= $since AND calls.start_ns < $until
    AND NOT EXISTS (
        SELECT 1
        FROM spans AS below
        WHERE below.trace_id = calls.trace_id AND below.parent_id = calls.span_id AND below.cost_usd IS NOT NULL
    )
GROUP BY calls.agent_name, calls.model
ORDER BY calls.agent_name, calls.model;
