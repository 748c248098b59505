-- A killed execution lasted until the last that was seen of its trace.
INSERT INTO killed (trace_id, span_id, start_ns, end_ns)
WITH seen AS (
    SELECT trace_id, end_ns FROM spans
    WHERE start_ns BETWEEN $first_ns AND $last_ns AND trace_id IN (SELECT trace_id FROM incoming_killed)
    UNION ALL
    SELECT trace_id, start_ns FROM started
    WHERE start_ns BETWEEN $first_ns AND $last_ns AND trace_id IN (SELECT trace_id FROM incoming_killed)
),
last_seen AS (
    SELECT trace_id, max(end_ns) AS end_ns FROM seen GROUP BY trace_id
)
SELECT started.trace_id, started.span_id, started.start_ns, greatest(started.start_ns, last_seen.end_ns)
FROM incoming_killed
JOIN started ON started.trace_id = incoming_killed.trace_id AND started.span_id = incoming_killed.span_id
JOIN last_seen ON last_seen.trace_id = started.trace_id;
