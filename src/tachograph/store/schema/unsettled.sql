-- Traces that got spans since their executions were last computed; a trace may stand here more than once.
CREATE TABLE unsettled (
    trace_id VARCHAR NOT NULL
);
