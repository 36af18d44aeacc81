-- What flows keep for later runs, and the lists of numbers that they ask and fill. Flows write both
-- in the transaction that writes down how far their run has come.

CREATE TABLE cache (
    key        TEXT    PRIMARY KEY,
    value      TEXT    NOT NULL,
    -- NULL for good.
    expires_at BIGINT
);
CREATE INDEX cache_by_expiry ON cache (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE number_lists (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE,
    description TEXT    NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE TABLE list_entries (
    list_id     BIGINT NOT NULL REFERENCES number_lists (id) ON DELETE CASCADE,
    number      TEXT    NOT NULL,
    description TEXT    NOT NULL,
    -- NULL for good.
    expires_at  BIGINT,
    added_at    BIGINT NOT NULL,
    PRIMARY KEY (list_id, number)
);
CREATE INDEX list_entries_by_expiry ON list_entries (expires_at) WHERE expires_at IS NOT NULL;
