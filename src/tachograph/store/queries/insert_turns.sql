-- Turns that log events or session files told of: each lasts until the last call of it that is known, and failed where
-- its last model call did. One that a span of the same session tells of, too, is that span's.
INSERT INTO killed (trace_id, span_id, start_ns, end_ns, outcome)
WITH turns AS (
    SELECT
        trace_id, span_id, session_id, start_ns, end_ns, parent_id, told_by, role,
        coalesce(
            min(start_ns) OVER (
                PARTITION BY trace_id ORDER BY start_ns RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
            ),
            9223372036854775807
        ) AS next_ns
    FROM started
    WHERE told_by IS NOT NULL
      AND start_ns BETWEEN $first_ns AND $last_ns AND trace_id IN (SELECT trace_id FROM settling_traces)
),
calls AS (
    SELECT trace_id, parent_id, role, outcome, start_ns, end_ns
    FROM spans
    WHERE start_ns BETWEEN $first_ns AND $last_ns AND trace_id IN (SELECT trace_id FROM turns)
),
parts AS (
    SELECT turns.trace_id, turns.span_id, calls.role, calls.outcome, calls.end_ns
    FROM turns JOIN calls ON calls.trace_id = turns.trace_id AND calls.parent_id = turns.span_id
    UNION ALL
    SELECT turns.trace_id, turns.span_id, calls.role, calls.outcome, calls.end_ns
    FROM turns
    JOIN calls ON calls.trace_id = turns.trace_id AND calls.parent_id = left(calls.trace_id, 16)
        AND calls.start_ns >= turns.start_ns AND calls.start_ns < turns.next_ns
    WHERE turns.parent_id IS NULL
),
ended AS (
    SELECT
        turns.trace_id, turns.span_id, turns.session_id, turns.start_ns, turns.told_by, turns.role,
        greatest(any_value(turns.end_ns), coalesce(max(parts.end_ns), 0)) AS end_ns,
        arg_max(parts.outcome, parts.end_ns) FILTER (WHERE parts.role = 'model') AS outcome
    FROM turns
    LEFT JOIN parts ON parts.trace_id = turns.trace_id AND parts.span_id = turns.span_id
    GROUP BY turns.trace_id, turns.span_id, turns.session_id, turns.start_ns, turns.told_by, turns.role
)
-- Of a session that both tell of, the file knows its turns better.
SELECT trace_id, span_id, start_ns, end_ns, nullif(outcome, 'success')
FROM ended
WHERE NOT EXISTS (
    SELECT 1
    FROM spans AS whole
    WHERE whole.trace_id = ended.trace_id AND whole.span_id = ended.span_id
)
AND NOT EXISTS (
    SELECT 1
    FROM spans AS whole
    WHERE ended.role = 'agent' AND whole.role = 'agent' AND whole.told_by IS NULL AND whole.session_id = ended.session_id
      AND whole.start_ns <= ended.end_ns AND whole.end_ns >= ended.start_ns
)
AND NOT EXISTS (
    SELECT 1
    FROM ended AS filed
    WHERE ended.role = 'agent' AND ended.told_by = 'event' AND filed.told_by = 'session' AND filed.trace_id = ended.trace_id
      AND filed.start_ns <= ended.end_ns AND filed.end_ns >= ended.start_ns
);
