-- The same piece of the same file is kept aside once.
INSERT INTO rejected (file, line, byte_offset, reason, content)
SELECT incoming.file, incoming.line, incoming.byte_offset, incoming.reason, incoming.content
FROM incoming_rejected AS incoming
WHERE NOT EXISTS (
    SELECT 1 FROM rejected
    WHERE rejected.file = incoming.file
      AND rejected.byte_offset = incoming.byte_offset
      AND rejected.reason = incoming.reason
      AND rejected.content = incoming.content
);
