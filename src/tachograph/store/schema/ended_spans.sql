-- Every span that came to an end: those that said so, and those whose process died before they could.
CREATE OR REPLACE VIEW ended_spans AS
SELECT * FROM spans
UNION ALL BY NAME
SELECT started.* REPLACE (killed.end_ns AS end_ns, coalesce(killed.outcome, started.outcome) AS outcome)
FROM started
JOIN killed ON killed.trace_id = started.trace_id AND killed.span_id = started.span_id;
