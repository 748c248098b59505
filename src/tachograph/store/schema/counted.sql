-- What figures are about: a skipped execution counts nowhere, a person's is only a base to compare with.
CREATE OR REPLACE VIEW counted AS
SELECT * FROM executions WHERE outcome <> 'skip' AND executor IS DISTINCT FROM 'human';
