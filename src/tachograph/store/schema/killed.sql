-- outcome: of turns that log events or session files announced, where their calls say how they ended.
-- Which of `started` never came to an end, and the last moment at which their trace was alive; made by settling.
CREATE TABLE killed (
    trace_id VARCHAR NOT NULL,
    span_id VARCHAR NOT NULL,
    start_ns BIGINT NOT NULL,
    end_ns BIGINT NOT NULL,
    outcome VARCHAR
);
