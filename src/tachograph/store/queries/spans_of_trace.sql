SELECT
    spans.trace_id, spans.span_id, spans.parent_id, adoptions.adopter_id AS adopted_parent_id,
    spans.name, spans.kind, spans.role, spans.component, spans.outcome, spans.start_ns, spans.end_ns,
    spans.status_code, spans.status_message, spans.scope_name,
    spans.attributes, spans.resource, spans.events, spans.links,
    spans.input_tokens + spans.cache_read_tokens + spans.cache_write_tokens + spans.output_tokens AS tokens
FROM ended_spans AS spans
LEFT JOIN adoptions ON adoptions.trace_id = spans.trace_id AND adoptions.span_id = spans.span_id
WHERE spans.trace_id = $trace_id AND spans.start_ns BETWEEN $first_ns AND $last_ns
ORDER BY spans.start_ns, spans.span_id;
