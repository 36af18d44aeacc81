-- Which nodes may have a request under way at a destination that bears fewer at once than there are
-- nodes. A row is a seat that is held; that of a node whose life has ended is free.
CREATE TABLE seats (
    destination TEXT   COLLATE "C" NOT NULL,
    holder      BIGINT NOT NULL REFERENCES nodes (incarnation) ON DELETE CASCADE,
    PRIMARY KEY (destination, holder)
) WITH (fillfactor = 50);
