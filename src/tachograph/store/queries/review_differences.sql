-- Of executions that both judged, by how much automated scores lie above a person's: sums by agent and dimension.
WITH both_judged AS (
    SELECT executions.name AS agent_name, automated, human
    FROM counted AS executions
    JOIN execution_reviews AS automated USING (trace_id, span_id)
    JOIN execution_reviews AS human USING (trace_id, span_id)
    WHERE executions.role = 'agent'
        AND executions.start_ns >= $since AND executions.start_ns < $until
        AND ($only IS NULL OR executions.name = $only)
        AND automated.reviewer = 'automated' AND human.reviewer = 'human'
),
differences AS (
    SELECT agent_name, 1 AS place, 'correctness' AS dimension, automated.correctness - human.correctness AS difference
    FROM both_judged
    UNION ALL
    SELECT agent_name, 2, 'completeness', automated.completeness - human.completeness FROM both_judged
    UNION ALL
    SELECT agent_name, 3, 'code_quality', automated.code_quality - human.code_quality FROM both_judged
    UNION ALL
    SELECT agent_name, 4, 'efficiency', automated.efficiency - human.efficiency FROM both_judged
    UNION ALL
    SELECT agent_name, 5, 'overall', automated.overall - human.overall FROM both_judged
)
SELECT agent_name, dimension, count(*) AS executions, sum(difference) AS total, sum(difference * difference) AS squares
FROM differences
WHERE difference IS NOT NULL
GROUP BY agent_name, place, dimension
ORDER BY agent_name, place;
