-- How many deliveries matched when a job was started, and whether there may have been more, since
-- counting stops; nothing of jobs that were started before.
ALTER TABLE replays ADD COLUMN matched BIGINT;
ALTER TABLE replays ADD COLUMN matched_more BOOLEAN NOT NULL DEFAULT FALSE;

-- Where there may have been more: the row number behind which the first of them stood.
ALTER TABLE replays ADD COLUMN first BIGINT;
