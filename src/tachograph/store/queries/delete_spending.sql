DELETE FROM spending
WHERE start_ns BETWEEN $first_ns AND $last_ns
  AND trace_id IN (SELECT trace_id FROM settling_traces);
