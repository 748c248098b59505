-- How many turns of a block of traces no span told of.
SELECT count(*) AS turns
FROM started
WHERE told_by IS NOT NULL
  AND start_ns BETWEEN $first_ns AND $last_ns AND trace_id IN (SELECT trace_id FROM settling_traces);
