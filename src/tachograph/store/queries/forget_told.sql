-- Turns that are told of again: what was said last counts, but for a subagent's own file, which knows least.
DELETE FROM started
WHERE told_by IS NOT NULL
  AND EXISTS (
    SELECT 1
    FROM incoming_started AS again
    WHERE again.trace_id = started.trace_id AND again.span_id = started.span_id
      AND (again.told_by <> 'sidechain' OR started.told_by = 'sidechain')
  );
