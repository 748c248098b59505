-- A line that was cut and is now read again from its start.
DELETE FROM rejected WHERE file = $file AND byte_offset >= $byte_offset;
