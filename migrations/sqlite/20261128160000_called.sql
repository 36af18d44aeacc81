-- The versions of the flows that a run has called, by number, as JSON: it stays on them through its
-- retries and waits.
ALTER TABLE runs ADD COLUMN called TEXT;
