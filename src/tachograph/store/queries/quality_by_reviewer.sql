-- Overall scores (0-10) of each agent by kind of reviewer and version: by other rules, so not one figure.
SELECT name AS agent_name, reviewer, reviewer_version, count(*) AS executions, avg(overall) AS quality
FROM counted
JOIN execution_reviews USING (trace_id, span_id)
WHERE role = 'agent'
    AND start_ns >= $since AND start_ns < $until
    AND ($only IS NULL OR name = $only)
    AND overall IS NOT NULL
GROUP BY name, reviewer, reviewer_version
ORDER BY agent_name, executions DESC, reviewer, reviewer_version;
