-- Log records; the digest over all other columns keeps each record once.
CREATE TABLE logs (
    digest VARCHAR NOT NULL,
    time_ns BIGINT NOT NULL,
    trace_id VARCHAR,
    span_id VARCHAR,
    event_name VARCHAR,
    severity TINYINT,
    body VARCHAR,
    attributes VARCHAR NOT NULL USING COMPRESSION zstd,
    service_name VARCHAR,
    scope_name VARCHAR,
    resource VARCHAR NOT NULL
);
