-- One row an agent whose work was reviewed: means of the scores (0-10), and how many executions a person reviewed.
WITH people AS (
    SELECT DISTINCT trace_id, span_id FROM evaluations WHERE reviewer = 'human' AND name <> 'user_satisfaction'
)
SELECT
    counted.name AS agent_name,
    count(*) AS executions,
    count(quality.overall) AS reviewed,
    count(people.span_id) AS by_person,
    avg(quality.overall) AS overall,
    avg(quality.correctness) AS correctness,
    avg(quality.completeness) AS completeness,
    avg(quality.code_quality) AS code_quality,
    avg(quality.efficiency) AS efficiency
FROM counted
LEFT JOIN execution_quality AS quality USING (trace_id, span_id)
LEFT JOIN people USING (trace_id, span_id)
WHERE role = 'agent'
    AND start_ns >= $since AND start_ns < $until
GROUP BY counted.name
HAVING count(quality.overall) > 0
ORDER BY reviewed DESC, agent_name;
