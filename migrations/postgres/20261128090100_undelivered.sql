-- What is not plainly delivered, narrow and apart: what is unfinished, and the rarer ends that
-- filters ask for. An index over what a completion changes makes PostgreSQL write each of the log's
-- indexes anew with every one; without, the changed row stays on its page and no index hears of it,
-- as long as the page has room for it (HOT).
CREATE TABLE undelivered (
    seq           BIGINT  PRIMARY KEY,
    open          BOOLEAN NOT NULL,
    state         TEXT    COLLATE "C" NOT NULL,
    shard         BIGINT  NOT NULL,
    flow_id       BIGINT  NOT NULL,
    hook_id       BIGINT  NOT NULL,
    queue_id      BIGINT  NOT NULL,
    next_at       BIGINT,
    failure_class TEXT    COLLATE "C"
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000);
INSERT INTO undelivered
SELECT seq, finished_at IS NULL, state, shard, flow_id, hook_id, queue_id, next_at, failure_class
FROM deliveries WHERE state <> 'delivered' OR failure_class IS NOT NULL ORDER BY seq;

CREATE INDEX undelivered_by_state ON undelivered (state, seq);
CREATE INDEX undelivered_by_failure ON undelivered (failure_class, seq)
    WHERE failure_class IS NOT NULL;
-- What still has to happen is read in stretches: a flow at a time in order of acceptance, and what
-- is due by its time.
CREATE INDEX undelivered_by_flow ON undelivered (flow_id, seq) WHERE open;
CREATE INDEX undelivered_due ON undelivered (next_at, seq) WHERE next_at IS NOT NULL;

DROP INDEX deliveries_by_failure;
DROP INDEX deliveries_open;
DROP INDEX deliveries_unfinished;
DROP INDEX deliveries_due;

-- Room on each page for every row to change once.
DO $$
DECLARE
    part REGCLASS;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'deliveries'::REGCLASS LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 45)', part);
    END LOOP;
END
$$;
