-- The flow that runs when a delivery of this one dies. One that has been deleted meanwhile is none.
ALTER TABLE flows ADD COLUMN failure_flow BIGINT;
