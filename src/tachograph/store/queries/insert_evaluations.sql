-- Evaluations of executions of a block of traces: log records that point at them, and events on their own spans.
INSERT INTO evaluations (trace_id, span_id, start_ns, time_ns, name, score, reviewer, explanation, reviewer_version)
WITH events AS (
    SELECT trace_id, span_id, unnest(from_json(events, '["JSON"]')) AS event
    FROM spans
    WHERE start_ns BETWEEN $first_ns AND $last_ns
      AND trace_id IN (SELECT trace_id FROM settling_traces)
      AND events LIKE '%gen_ai.evaluation.result%'
),
told AS (
    SELECT trace_id, span_id, time_ns, attributes
    FROM logs
    WHERE event_name = 'gen_ai.evaluation.result' AND trace_id IN (SELECT trace_id FROM settling_traces)
    UNION ALL
    SELECT
        trace_id, span_id,
        CAST(json_extract_string(event, '$.time_ns') AS BIGINT), CAST(json_extract(event, '$.attributes') AS VARCHAR)
    FROM events
    WHERE json_extract_string(event, '$.name') = 'gen_ai.evaluation.result'
)
SELECT
    executions.trace_id, executions.span_id, executions.start_ns, told.time_ns,
    json_extract_string(told.attributes, '$."gen_ai.evaluation.name"'),
    TRY_CAST(json_extract_string(told.attributes, '$."gen_ai.evaluation.score.value"') AS DOUBLE),
    json_extract_string(told.attributes, '$."dev_agency.evaluation.reviewer"'),
    json_extract_string(told.attributes, '$."gen_ai.evaluation.explanation"'),
    json_extract_string(told.attributes, '$."dev_agency.evaluation.reviewer.version"')
FROM told
JOIN executions ON executions.trace_id = told.trace_id AND executions.span_id = told.span_id
WHERE json_extract_string(told.attributes, '$."gen_ai.evaluation.name"') IS NOT NULL;
