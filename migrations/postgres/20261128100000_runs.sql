-- Runs at rest: where an unfinished or dead delivery goes on.
CREATE TABLE runs (
    -- The delivery's row number.
    seq        BIGINT PRIMARY KEY,
    -- How many of its attempts count in no schedule of retries: they ended in a wait, or before a
    -- person resumed it.
    uncounted  BIGINT NOT NULL,
    -- As `flow::Checkpoint` writes it; nothing where the run begins anew.
    checkpoint TEXT
);
