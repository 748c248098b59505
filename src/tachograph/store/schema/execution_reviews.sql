-- One row an execution and kind of reviewer: the latest score of each dimension (0-10), and the version of the reviewer.
-- Without an overall score it is the weighted mean of the dimensions that there are.
CREATE OR REPLACE VIEW execution_reviews AS
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY trace_id, span_id, name, coalesce(reviewer, 'unknown') ORDER BY time_ns DESC, score) AS place,
        CASE name
            WHEN 'correctness' THEN 40 WHEN 'completeness' THEN 30 WHEN 'code_quality' THEN 20 WHEN 'efficiency' THEN 10
        END AS weight
    FROM evaluations
    WHERE score IS NOT NULL AND name IN ('correctness', 'completeness', 'code_quality', 'efficiency', 'overall')
)
SELECT
    trace_id,
    span_id,
    coalesce(reviewer, 'unknown') AS reviewer,
    arg_max(reviewer_version, time_ns) AS reviewer_version,
    max(score) FILTER (WHERE name = 'correctness') AS correctness,
    max(score) FILTER (WHERE name = 'completeness') AS completeness,
    max(score) FILTER (WHERE name = 'code_quality') AS code_quality,
    max(score) FILTER (WHERE name = 'efficiency') AS efficiency,
    coalesce(max(score) FILTER (WHERE name = 'overall'), sum(score * weight) / sum(weight)) AS overall
FROM ranked
WHERE place = 1
GROUP BY trace_id, span_id, coalesce(reviewer, 'unknown');
