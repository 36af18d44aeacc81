-- Where runs were kept, in the log, so that a replay can begin at such a step.

-- The steps at which an attempt's run was kept, with what was kept of it there, as JSON; nothing
-- where there is none.
ALTER TABLE attempts ADD COLUMN kept_steps TEXT;

-- How many bytes of a run the log has so, and the number of the attempt that has kept it last;
-- nothing where there was no room for that.
ALTER TABLE runs ADD COLUMN logged_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN logged_by BIGINT;

-- Replays that have begun at a step, not with their flow.
CREATE TABLE begun_at (
    -- The delivery.
    id    UUID NOT NULL PRIMARY KEY,
    -- The step's `_id`, after the number of its flow and a dot where that was called by another.
    step  TEXT COLLATE "C" NOT NULL,
    -- How often it is reached there.
    visit BIGINT NOT NULL
);
