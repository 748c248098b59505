-- Spans that log records announced when they began, shaped as spans that were killed at once.
CREATE TABLE started AS SELECT * FROM spans LIMIT 0;
