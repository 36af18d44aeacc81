-- A queue is paused as a hook is, and what was parked is released at a rate that a person chooses:
-- deliveries a second, or none, which is as fast as possible.
ALTER TABLE queues ADD COLUMN paused BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE queues ADD COLUMN release_per_s BIGINT;
ALTER TABLE hooks ADD COLUMN release_per_s BIGINT;
