-- What could not be read, kept aside: content is capped at 1 MiB, line counts from 1, byte_offset is where the line starts.
CREATE TABLE rejected (
    file VARCHAR NOT NULL,
    line BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    content BLOB NOT NULL
);
