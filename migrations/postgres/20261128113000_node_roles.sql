-- What a node does besides dispatching, for those who look at the nodes; and whether an ended one was
-- told to stop, so that it is not taken for one that was lost.
ALTER TABLE nodes
    ADD COLUMN panel   BOOLEAN NOT NULL DEFAULT TRUE,
    ADD COLUMN intake  BOOLEAN NOT NULL DEFAULT TRUE,
    ADD COLUMN stopped BOOLEAN NOT NULL DEFAULT FALSE;
