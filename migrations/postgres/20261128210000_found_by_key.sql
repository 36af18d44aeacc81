-- A statement that ends deliveries names them by `seq` alone, and is planned once, maybe while next
-- to nothing is there. Then every index that holds `seq` costs the same, and one that does not begin
-- with it is looked through from end to end for each row as soon as there is much. An index with a
-- condition serves only those who ask for what it begins with, and the condition holds always.
DROP INDEX undelivered_by_state;
CREATE INDEX undelivered_by_state ON undelivered (state, seq) WHERE state IS NOT NULL;

DROP INDEX deliveries_by_kind;
CREATE INDEX deliveries_by_kind ON deliveries (event, seq) WHERE event IS NOT NULL;
DROP INDEX deliveries_by_queue;
CREATE INDEX deliveries_by_queue ON deliveries (queue_id, seq) WHERE queue_id IS NOT NULL;
DROP INDEX deliveries_by_hook;
CREATE INDEX deliveries_by_hook ON deliveries (hook_id, seq) WHERE hook_id IS NOT NULL;
DROP INDEX deliveries_by_flow;
CREATE INDEX deliveries_by_flow ON deliveries (flow_id, seq) WHERE flow_id IS NOT NULL;
