-- When it is working time. Flows ask; what a calendar says is worked out by the program.

CREATE TABLE calendars (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE,
    description TEXT    NOT NULL,
    -- The IANA name of the zone that its days and hours are in.
    time_zone   TEXT    NOT NULL,
    -- Days as YYYY-MM-DD, both included; NULL for no end.
    valid_from  TEXT   ,
    valid_to    TEXT   ,
    -- JSON: the spans of each day of the week, and the days that are not as their weekday.
    hours       TEXT    NOT NULL,
    exceptions  TEXT    NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
