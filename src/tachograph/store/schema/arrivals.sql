-- For each transaction that brought spans of a trace: how many, and when they started. Finds a trace without a scan.
CREATE TABLE arrivals (
    trace_id VARCHAR NOT NULL,
    first_ns BIGINT NOT NULL,
    last_ns BIGINT NOT NULL,
    spans BIGINT NOT NULL
);
