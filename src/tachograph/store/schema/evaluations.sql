-- Scores that reviewers, automated and human, gave to executions; made by settling.
CREATE TABLE evaluations (
    trace_id VARCHAR NOT NULL,
    span_id VARCHAR NOT NULL,
    start_ns BIGINT NOT NULL,
    time_ns BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    score DOUBLE,
    reviewer VARCHAR,
    explanation VARCHAR,
    reviewer_version VARCHAR
);
