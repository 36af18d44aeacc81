-- Deliveries that a run has begun beside itself: of the same event and hook, but with a start of
-- their own.
ALTER TABLE deliveries ADD COLUMN parent BLOB;

CREATE TABLE children (
    -- The delivery.
    id        BLOB NOT NULL PRIMARY KEY,
    -- Who began it, at which step when that was reached for which time: one child. A replay of a
    -- child has no parent here, but all the rest.
    parent    BLOB,
    -- Empty where the parent has died and this is its failure flow; `visit` is then the number of
    -- its last attempt.
    step      TEXT NOT NULL,
    visit     INTEGER NOT NULL,
    -- How many parents it has above one another.
    depth     INTEGER NOT NULL,
    -- The function that it runs, where that is not all of its flow.
    function  TEXT,
    -- What it begins with, as JSON.
    variables TEXT NOT NULL,
    zone      TEXT
) STRICT;
CREATE UNIQUE INDEX children_by_parent ON children (parent, step, visit);
