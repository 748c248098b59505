INSERT INTO started BY NAME
SELECT incoming_started.*
FROM incoming_started
WHERE NOT EXISTS (
    SELECT 1
    FROM started
    WHERE started.trace_id = incoming_started.trace_id AND started.span_id = incoming_started.span_id
);
