-- Log records as they came, in the order in which they were stored.
SELECT time_ns, trace_id, span_id, event_name, severity, body, scope_name, attributes, resource
FROM logs
WHERE time_ns >= $since AND time_ns < $until;
