-- What calls cost, by what they say of their model, in cells that do not overlap: of a call that started in
-- [since_ns, until_ns), at a second of the day (UTC) in [since_s, until_s), with more than above_tokens and at most
-- upto_tokens of input. USD a token, and a call; NULL where nobody knows. edition: which prices were looked at.
CREATE TABLE prices (
    provider VARCHAR,
    response_model VARCHAR,
    model VARCHAR,
    service_tier VARCHAR,
    since_ns BIGINT NOT NULL,
    until_ns BIGINT NOT NULL,
    since_s BIGINT NOT NULL,
    until_s BIGINT NOT NULL,
    above_tokens BIGINT NOT NULL,
    upto_tokens BIGINT NOT NULL,
    input_usd DOUBLE,
    cache_read_usd DOUBLE,
    cache_write_usd DOUBLE,
    output_usd DOUBLE,
    call_usd DOUBLE,
    source VARCHAR,
    edition VARCHAR NOT NULL
);
