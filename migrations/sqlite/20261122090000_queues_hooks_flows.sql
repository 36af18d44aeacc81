-- The main job's tables: what a person sets up, what the engine writes, who may do what.

-- Raised by every change of queues, hooks and flows, so that a serving process notices changes
-- that another process made.
CREATE TABLE settings_revision (revision BIGINT NOT NULL);
INSERT INTO settings_revision (revision) VALUES (1);

CREATE TABLE queues (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE,
    -- The name in lower case of every alphabet, which SQLite's own lower() is not; for searching.
    folded      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    enabled     BOOLEAN NOT NULL,
    variables   TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL
);

CREATE TABLE flows (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE,
    -- The name in lower case of every alphabet, which SQLite's own lower() is not; for searching.
    folded      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    current     BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL
);

CREATE TABLE flow_versions (
    flow_id  BIGINT NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    number   BIGINT NOT NULL,
    mode     TEXT   NOT NULL,
    source   TEXT   NOT NULL,
    saved_at BIGINT NOT NULL,
    saved_by TEXT   NOT NULL,
    PRIMARY KEY (flow_id, number)
) WITHOUT ROWID;

CREATE TABLE hooks (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    queue_id    BIGINT  NOT NULL REFERENCES queues (id) ON DELETE CASCADE,
    event       TEXT    NOT NULL,
    flow_id     BIGINT  NOT NULL REFERENCES flows (id),
    condition   TEXT    NOT NULL,
    enabled     BOOLEAN NOT NULL,
    paused      TEXT,
    ordered     BOOLEAN NOT NULL,
    max_hold_ms BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL,
    UNIQUE (queue_id, event, flow_id)
);
CREATE INDEX hooks_by_flow ON hooks (flow_id);

-- The log. No foreign keys to the tables above: what has happened stays when they change.
CREATE TABLE events (
    seq          INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL,
    queue_id     BIGINT  NOT NULL,
    kind         TEXT    NOT NULL,
    sender_id    TEXT,
    fingerprint  BLOB    NOT NULL,
    call_attempt BIGINT,
    occurred_at  BIGINT  NOT NULL,
    accepted_at  BIGINT  NOT NULL,
    data         TEXT    NOT NULL,
    variables    TEXT    NOT NULL,
    deliveries   BIGINT  NOT NULL,
    skipped      BIGINT  NOT NULL,
    test         BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX events_by_id ON events (id);
CREATE UNIQUE INDEX events_by_sender ON events (sender_id, queue_id) WHERE sender_id IS NOT NULL;

CREATE TABLE deliveries (
    seq           INTEGER PRIMARY KEY,
    id            BLOB    NOT NULL,
    event_seq     BIGINT  NOT NULL,
    event         TEXT    NOT NULL,
    queue_id      BIGINT  NOT NULL,
    hook_id       BIGINT  NOT NULL,
    flow_id       BIGINT  NOT NULL,
    flow_version  BIGINT  NOT NULL,
    call_attempt  BIGINT,
    state         TEXT    NOT NULL,
    attempts      BIGINT  NOT NULL,
    duration_us   BIGINT,
    failure_class TEXT,
    failure       TEXT,
    warning       TEXT,
    created_at    BIGINT  NOT NULL,
    finished_at   BIGINT,
    next_at       BIGINT,
    hold_until    BIGINT,
    out_of_order  BOOLEAN NOT NULL,
    replay_of     BLOB,
    test          BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_by_event ON deliveries (event_seq);
CREATE INDEX deliveries_by_queue ON deliveries (queue_id, seq);
CREATE INDEX deliveries_by_hook ON deliveries (hook_id, seq);
CREATE INDEX deliveries_by_flow ON deliveries (flow_id, seq);
CREATE INDEX deliveries_by_call ON deliveries (call_attempt, seq) WHERE call_attempt IS NOT NULL;
CREATE INDEX deliveries_by_origin ON deliveries (replay_of) WHERE replay_of IS NOT NULL;
-- What still has to happen, which a start reads; and the rarer ends, which filters ask for.
CREATE INDEX deliveries_open ON deliveries (state, seq) WHERE state <> 'delivered';

CREATE TABLE attempts (
    delivery_id BLOB   NOT NULL,
    number      BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    outcome     TEXT   NOT NULL,
    -- The rest of the attempt as JSON: failure and steps.
    trace       TEXT   NOT NULL,
    PRIMARY KEY (delivery_id, number)
) WITHOUT ROWID;

-- What happened each minute, so that no figure has to count the log. Hook 0 holds the queue's
-- events.
CREATE TABLE counters (
    minute    BIGINT NOT NULL,
    queue_id  BIGINT NOT NULL,
    hook_id   BIGINT NOT NULL,
    events    BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    skipped   BIGINT NOT NULL,
    PRIMARY KEY (minute, queue_id, hook_id)
) WITHOUT ROWID;
CREATE INDEX counters_by_hook ON counters (hook_id, minute);
CREATE INDEX counters_by_queue ON counters (queue_id, minute);

CREATE TABLE users (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    login          TEXT   NOT NULL UNIQUE COLLATE NOCASE,
    role           TEXT   NOT NULL,
    password_hash  TEXT   NOT NULL,
    -- Sessions that began before are over: when the password was changed.
    sessions_since BIGINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL,
    last_seen_at   BIGINT
);

CREATE TABLE setup_links (
    hash       TEXT   PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE sign_in_links (
    hash       TEXT   PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT   NOT NULL UNIQUE,
    scopes       TEXT   NOT NULL,
    hint         TEXT   NOT NULL,
    hash         TEXT   NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT
);

CREATE TABLE sessions (
    key        TEXT   PRIMARY KEY,
    data       BLOB   NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- What belongs to the installation as a whole, by name.
CREATE TABLE installation (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
