-- While somebody reads for long, PostgreSQL keeps each version of a row, and a row that every commit
-- adds to is found only by passing by all of them: some thousands at the end of a minute. So a minute
-- is counted in parts, each of a few commits, and put together when it is over.
ALTER TABLE counters ADD COLUMN part BIGINT NOT NULL DEFAULT 0;
ALTER TABLE counters DROP CONSTRAINT counters_pkey;
ALTER TABLE counters ADD PRIMARY KEY (minute, queue_id, hook_id, part);
CREATE INDEX counters_in_parts ON counters (minute) WHERE part > 0;

ALTER TABLE latencies ADD COLUMN part BIGINT NOT NULL DEFAULT 0;
ALTER TABLE latencies DROP CONSTRAINT latencies_pkey;
ALTER TABLE latencies ADD PRIMARY KEY (minute, bucket, part);
CREATE INDEX latencies_in_parts ON latencies (minute) WHERE part > 0;
