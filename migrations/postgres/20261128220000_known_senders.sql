-- Ends a statement that is a transaction of its own: of the senders' ids that it was to write some came
-- from another node meanwhile.
CREATE FUNCTION sent_meanwhile() RETURNS BOOLEAN LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an event with the same id came meanwhile' USING ERRCODE = 'OH001';
END
$$;
