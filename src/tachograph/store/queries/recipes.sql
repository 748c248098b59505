-- One row a recipe. Time saved is the mean over its successful executions.
SELECT
    name AS recipe_name,
    count(*) AS executions,
    count(*) FILTER (WHERE success) AS successes,
    sum(duration_ns) AS duration_ns,
    quantile_cont(duration_ns, 0.5) AS p50_ns,
    quantile_cont(duration_ns, 0.95) AS p95_ns,
    avg(steps_completed) AS steps_completed,
    avg(time_saved) FILTER (WHERE success) AS time_saved,
    bool_or(time_saved_measured) FILTER (WHERE success) AS time_saved_measured,
    avg(dependency_ns) AS dependency_ns,
    sum(circular_errors) AS circular_errors,
    avg(quality.satisfaction) AS satisfaction,
    sum(cost_usd) AS cost_usd,
    sum(wasted_cost_usd) AS wasted_cost_usd,
    sum(unpriced_calls)::BIGINT AS unpriced_calls
FROM recipe_runs
LEFT JOIN execution_quality AS quality USING (trace_id, span_id)
WHERE start_ns >= $since AND start_ns < $until
    AND ($only IS NULL OR name = $only)
GROUP BY name
ORDER BY executions DESC, recipe_name;
