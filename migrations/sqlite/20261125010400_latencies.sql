-- How long events took to reach their receivers, minute by minute: a histogram, from which the
-- overview estimates percentiles. What a bucket is, the program knows (model::latency).
CREATE TABLE latencies (
    minute BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (minute, bucket)
) WITHOUT ROWID;

-- The same and the counters hour by hour, so that a week need not be added up from its minutes.
-- An hour is written when it is over.
CREATE TABLE hourly_latencies (
    hour   BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (hour, bucket)
) WITHOUT ROWID;

CREATE TABLE hourly_counters (
    hour      BIGINT NOT NULL,
    queue_id  BIGINT NOT NULL,
    hook_id   BIGINT NOT NULL,
    events    BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    skipped   BIGINT NOT NULL,
    PRIMARY KEY (hour, queue_id, hook_id)
) WITHOUT ROWID;
