-- Recommendations that were applied, each with its prediction as it was then. raw_pct is that prediction before earlier
-- ones corrected it; since_ns and until_ns are the window in which the cause was found.
CREATE TABLE applied (
    id VARCHAR NOT NULL,
    applied_ns BIGINT NOT NULL,
    title VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    claim VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    component VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    raw_pct DOUBLE NOT NULL,
    predicted_pct DOUBLE NOT NULL,
    low_pct DOUBLE NOT NULL,
    high_pct DOUBLE NOT NULL,
    rivals BIGINT NOT NULL,
    since_ns BIGINT NOT NULL,
    until_ns BIGINT NOT NULL,
    recommendation VARCHAR NOT NULL
);
