-- Cost (USD) by agent and model, each call once; with $inside only of calls in an agent execution, with $skipped also of
-- those in executions that count nowhere.
SELECT
    agent_name,
    model,
    sum(calls)::BIGINT AS calls,
    sum(unpriced_calls)::BIGINT AS unpriced_calls,
    sum(cost_usd) AS cost_usd,
    sum(wasted_cost_usd) AS wasted_cost_usd,
    sum(stated_usd) AS stated_usd,
    sum(computed_usd) AS computed_usd
FROM spending
WHERE start_ns >= $since AND start_ns < $until
    AND ($only IS NULL OR agent_name = $only)
    AND (NOT $inside OR span_id IS NOT NULL)
    AND ($skipped OR NOT skipped)
GROUP BY agent_name, model
ORDER BY cost_usd DESC NULLS LAST, calls DESC, model, agent_name;
