-- Where each failure began: the innermost span of a chain of failed ones that says something; made by settling.
-- message: what it says, with ids, paths, numbers and the like masked; recovered: the execution around it succeeded.
CREATE TABLE failures (
    trace_id VARCHAR NOT NULL,
    span_id VARCHAR NOT NULL,
    execution_id VARCHAR NOT NULL,
    start_ns BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    component VARCHAR NOT NULL,
    recipe_name VARCHAR,
    message VARCHAR NOT NULL,
    recovered BOOLEAN NOT NULL,
    executor VARCHAR
);
