-- What is odd about the stored spans of a window: from the future, before their parent in another process, without the
-- parent they name, and model calls that two instrumentations have told of (same tokens, overlapping time).
WITH windowed AS (SELECT * FROM spans WHERE start_ns >= $since AND start_ns < $until),
children AS (
    SELECT
        child.parent_id,
        parent.span_id AS found,
        child.start_ns < parent.start_ns - $slack AND child.resource <> parent.resource AS is_early
    FROM windowed AS child
    LEFT JOIN spans AS parent ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_id
    WHERE child.parent_id IS NOT NULL AND child.told_by IS NULL
)
SELECT
    (SELECT count(*) FROM windowed) AS spans,
    (SELECT count(*) FROM windowed WHERE start_ns > $now + $slack) AS future,
    (SELECT count(*) FROM children WHERE is_early) AS early,
    (SELECT count(*) FROM children WHERE found IS NULL) AS orphans,
    (
        SELECT count(*)
        FROM windowed AS first
        JOIN windowed AS second ON first.trace_id = second.trace_id AND first.span_id < second.span_id
            AND first.input_tokens = second.input_tokens AND first.output_tokens = second.output_tokens
            AND first.start_ns < second.end_ns AND second.start_ns < first.end_ns
        WHERE first.role = 'model' AND second.role = 'model' AND first.scope_name <> second.scope_name
            AND first.input_tokens + first.output_tokens > 0
    ) AS doubled;
