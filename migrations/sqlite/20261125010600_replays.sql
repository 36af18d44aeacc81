-- Jobs that replay deliveries: what they replay, and how far they have come. The cursor moves in
-- the transaction that writes the deliveries made, so that none is made twice.
CREATE TABLE replays (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    made_by     TEXT   NOT NULL,
    made_at     BIGINT NOT NULL,
    -- What the log is narrowed to, as JSON.
    filter      TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    per_second  BIGINT,
    -- Row numbers of deliveries: up to where it has come, and where it ends.
    cursor      BIGINT NOT NULL,
    last        BIGINT NOT NULL,
    found       BIGINT NOT NULL,
    made        BIGINT NOT NULL,
    finished_at BIGINT,
    note        TEXT   NOT NULL
);
CREATE INDEX replays_by_state ON replays (state, id);
