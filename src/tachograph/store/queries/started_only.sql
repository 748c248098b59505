-- Announced executions of a block of traces whose span has not come, with the process that announced them.
SELECT started.trace_id, started.span_id, started.attributes
FROM started
WHERE started.told_by IS NULL
  AND started.start_ns BETWEEN $first_ns AND $last_ns
  AND started.trace_id IN (SELECT trace_id FROM settling_traces)
  AND NOT EXISTS (
    SELECT 1
    FROM spans
    WHERE spans.start_ns BETWEEN $first_ns AND $last_ns
      AND spans.trace_id = started.trace_id AND spans.span_id = started.span_id
  );
