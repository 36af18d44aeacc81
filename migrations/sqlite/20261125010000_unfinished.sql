-- What still has to happen is read in stretches: a flow at a time in order of acceptance, and what
-- is due by its time. Nodes share it by shard.
ALTER TABLE deliveries ADD COLUMN shard BIGINT NOT NULL DEFAULT 0;
CREATE INDEX deliveries_unfinished ON deliveries (flow_id, seq) WHERE finished_at IS NULL;
CREATE INDEX deliveries_due ON deliveries (next_at, seq) WHERE next_at IS NOT NULL;

-- Being parked is a matter of the hook, or of the destination, and is not written down any more.
UPDATE deliveries SET state = CASE WHEN attempts > 0 THEN 'retrying' ELSE 'pending' END
WHERE state = 'parked' AND state <> 'delivered';
