-- Which deliveries each commit of the engine made or changed, in the order of the commits, so that a
-- reader of the log can go on where it stopped. Few are kept: older than any reader that is still
-- worth waiting for.
CREATE TABLE changes (
    number     INTEGER PRIMARY KEY,
    -- Row numbers, ascending, each as its distance from the last, seven bits a byte.
    deliveries BLOB    NOT NULL
);
