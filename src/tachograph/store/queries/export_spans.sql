-- Spans as they came, in the order in which they were stored, so that neighbours mostly share resource and scope.
SELECT
    trace_id, span_id, parent_id, name, kind, start_ns, end_ns, status_code, status_message, scope_name,
    attributes, resource, events, links
FROM spans
WHERE start_ns >= $since AND start_ns < $until;
