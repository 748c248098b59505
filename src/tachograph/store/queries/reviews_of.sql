-- What each kind of reviewer says of one execution.
SELECT reviewer, reviewer_version, correctness, completeness, code_quality, efficiency, overall
FROM execution_reviews
WHERE trace_id = $trace_id AND span_id = $span_id
ORDER BY reviewer;
