-- What flows tell users of the panel, until they have seen it.

CREATE TABLE notes (
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    id         UUID   NOT NULL,
    kind       TEXT   COLLATE "C" NOT NULL,
    message    TEXT   COLLATE "C" NOT NULL,
    -- Seconds that it is shown; NULL until it is closed.
    timeout_s  BIGINT,
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX notes_by_expiry ON notes (expires_at);
