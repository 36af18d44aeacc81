-- What has been called off and had not ended then: its attempt ran, or another node held it. Whoever
-- takes it up ends it, so that it does not run again after a crash. A row goes when that is done.
CREATE TABLE called_off (
    -- The delivery's row number.
    seq BIGINT PRIMARY KEY
);
