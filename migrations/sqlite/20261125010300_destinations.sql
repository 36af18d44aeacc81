-- What people set for the servers that flows call, by scheme, host and port. A destination without
-- a row is as any: what is NULL is the default, which the program knows.

CREATE TABLE destinations (
    key             TEXT   PRIMARY KEY,
    concurrency     BIGINT,
    -- Thousandths of a request each second.
    rate_milli      BIGINT,
    failure_percent BIGINT,
    min_calls       BIGINT,
    open_ms         BIGINT,
    forced          TEXT,
    -- When a person last asked that what waits go out at once.
    drained_at      BIGINT,
    updated_at      BIGINT NOT NULL
) WITHOUT ROWID;
