-- How a hook's deliveries are run, where the hook asks for something else than the default: JSON
-- whose members are those that differ.
ALTER TABLE hooks ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';
