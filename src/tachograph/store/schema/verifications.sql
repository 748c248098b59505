-- What applied recommendations brought when it was last measured: with `applied` the table that calibrates predictions.
CREATE TABLE verifications (
    id VARCHAR NOT NULL,
    verified_ns BIGINT NOT NULL,
    measured_pct DOUBLE,
    low_pct DOUBLE,
    high_pct DOUBLE,
    verdict VARCHAR NOT NULL,
    baseline VARCHAR NOT NULL,
    n_before BIGINT NOT NULL,
    n_after BIGINT NOT NULL
);
