-- Spans whose parent never came, with the unit that took them in by time; made by settling.
CREATE TABLE adoptions (
    trace_id VARCHAR NOT NULL,
    span_id VARCHAR NOT NULL,
    adopter_id VARCHAR NOT NULL,
    start_ns BIGINT NOT NULL
);
