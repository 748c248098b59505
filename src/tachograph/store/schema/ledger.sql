-- How far each file was read; written in the transaction that stores its spans.
-- end_offset: bytes read for good (the whole size of a compressed file); size: bytes that were there then.
CREATE TABLE ledger (
    path VARCHAR NOT NULL,
    inode UBIGINT NOT NULL,
    compressed BOOLEAN NOT NULL,
    end_offset BIGINT NOT NULL,
    size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    fingerprint VARCHAR NOT NULL,
    lines BIGINT NOT NULL,
    spans BIGINT NOT NULL
);
