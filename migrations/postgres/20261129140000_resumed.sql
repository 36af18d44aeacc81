-- When a hook or a queue was resumed: what was made before then goes out at the rate chosen for it.
ALTER TABLE queues ADD COLUMN resumed_at BIGINT;
ALTER TABLE hooks ADD COLUMN resumed_at BIGINT;
UPDATE queues SET resumed_at = updated_at WHERE release_per_s IS NOT NULL;
UPDATE hooks SET resumed_at = updated_at WHERE release_per_s IS NOT NULL;
