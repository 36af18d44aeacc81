-- Deliveries that a run has begun beside itself: of the same event and hook, but with a start of
-- their own.
ALTER TABLE deliveries ADD COLUMN parent UUID;

CREATE TABLE children (
    -- The delivery.
    id        UUID NOT NULL PRIMARY KEY,
    -- Who began it, at which step when that was reached for which time: one child. A replay of a
    -- child has no parent here, but all the rest.
    parent    UUID,
    -- Empty where the parent has died and this is its failure flow; `visit` is then the number of
    -- its last attempt.
    step      TEXT COLLATE "C" NOT NULL,
    visit     BIGINT NOT NULL,
    -- How many parents it has above one another.
    depth     BIGINT NOT NULL,
    -- The function that it runs, where that is not all of its flow.
    function  TEXT COLLATE "C",
    -- What it begins with, as JSON.
    variables TEXT NOT NULL,
    zone      TEXT
);
CREATE UNIQUE INDEX children_by_parent ON children (parent, step, visit);
