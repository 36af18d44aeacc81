-- Variables of the installation, secrets, and mail profiles. What is sealed is encrypted with the
-- key in the file beside the database. Each row has the revision at which it was changed last, so
-- that whoever keeps them in memory reads only what is new; a deletion is noted by its revision,
-- and whoever knows less reads everything.

CREATE TABLE vault_revision (revision BIGINT NOT NULL, deleted BIGINT NOT NULL);
INSERT INTO vault_revision (revision, deleted) VALUES (0, 0);

CREATE TABLE variables (
    name       TEXT   PRIMARY KEY,
    -- One of the two.
    value      TEXT,
    sealed     BLOB,
    updated_at BIGINT NOT NULL,
    updated_by TEXT   NOT NULL,
    revision   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX variables_by_revision ON variables (revision);

CREATE TABLE secrets (
    name        TEXT   PRIMARY KEY,
    description TEXT   NOT NULL,
    sealed      BLOB   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    updated_by  TEXT   NOT NULL,
    revision    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE mail_profiles (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT    NOT NULL UNIQUE,
    server          TEXT    NOT NULL,
    port            BIGINT  NOT NULL,
    tls             TEXT    NOT NULL,
    login           TEXT,
    sealed_password BLOB,
    sender          TEXT    NOT NULL,
    updated_at      BIGINT  NOT NULL,
    updated_by      TEXT    NOT NULL,
    revision        BIGINT  NOT NULL DEFAULT 0
);
