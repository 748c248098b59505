-- One row a reviewed execution: its overall score (0-10) and the user's satisfaction (1-5). Of several scores of one
-- name a person's counts before a program's, then the latest. Without an overall score, or where a person scored
-- dimensions and a program the whole, it is the weighted mean of the dimensions that there are: correctness 40,
-- completeness 30, code quality 20, efficiency 10.
CREATE OR REPLACE VIEW execution_quality AS
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY trace_id, span_id, name ORDER BY (reviewer IS NOT DISTINCT FROM 'human') DESC, time_ns DESC, score
        ) AS place
    FROM evaluations
    WHERE score IS NOT NULL
),
weighted AS (
    SELECT
        *,
        CASE name
            WHEN 'correctness' THEN 40 WHEN 'completeness' THEN 30 WHEN 'code_quality' THEN 20 WHEN 'efficiency' THEN 10
        END AS weight
    FROM ranked
    WHERE place = 1
)
SELECT
    trace_id,
    span_id,
    coalesce(
        max(score) FILTER (WHERE name = 'overall' AND reviewer = 'human'),
        CASE WHEN bool_or(reviewer = 'human' AND weight IS NOT NULL) THEN sum(score * weight) / sum(weight) END,
        max(score) FILTER (WHERE name = 'overall'),
        sum(score * weight) / sum(weight)
    ) AS overall,
    max(score) FILTER (WHERE name = 'correctness') AS correctness,
    max(score) FILTER (WHERE name = 'completeness') AS completeness,
    max(score) FILTER (WHERE name = 'code_quality') AS code_quality,
    max(score) FILTER (WHERE name = 'efficiency') AS efficiency,
    max(score) FILTER (WHERE name = 'user_satisfaction') AS satisfaction
FROM weighted
GROUP BY trace_id, span_id;
