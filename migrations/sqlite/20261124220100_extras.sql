-- What other tools keep with queues, hooks and flows and Offhook has no use for: a JSON object,
-- given back as it came. And what lists of many rows are found by.
ALTER TABLE queues ADD COLUMN extras TEXT NOT NULL DEFAULT '{}';
ALTER TABLE hooks ADD COLUMN extras TEXT NOT NULL DEFAULT '{}';
ALTER TABLE flows ADD COLUMN extras TEXT NOT NULL DEFAULT '{}';
