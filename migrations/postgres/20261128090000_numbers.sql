-- Row numbers come from sequences, which are changed in place: the one row of `numbers` left a dead
-- version behind with every commit, and while somebody reads for long each of them has to be passed
-- by the next. They still come in the order of commits: `take_numbers` is the only one to give them,
-- under a lock that is held until the commit. A transaction that is rolled back leaves a gap.
CREATE SEQUENCE event_numbers MINVALUE 0 START 0;
CREATE SEQUENCE delivery_numbers MINVALUE 0 START 0;
CREATE SEQUENCE change_numbers MINVALUE 0 START 0;
SELECT setval('event_numbers', event), setval('delivery_numbers', delivery),
       setval('change_numbers', change)
FROM numbers;
DROP TABLE numbers;

-- Takes so many numbers for events and deliveries and one for a change; each answer is the number
-- before the first. Those of a day begin at its days since 1970, times 2^36.
CREATE FUNCTION take_numbers(events BIGINT, deliveries BIGINT, changes BIGINT,
                             OUT event BIGINT, OUT delivery BIGINT, OUT change BIGINT)
LANGUAGE plpgsql AS $$
DECLARE
    today CONSTANT BIGINT :=
        CAST(floor(extract(epoch FROM clock_timestamp()) / 86400) AS BIGINT) << 36;
BEGIN
    -- Any number does that no other lock of the server has.
    PERFORM pg_advisory_xact_lock(1096291188741);
    SELECT last_value INTO change FROM change_numbers;
    PERFORM setval('change_numbers', change + changes);
    IF events > 0 OR deliveries > 0 THEN
        SELECT GREATEST(last_value, today) INTO event FROM event_numbers;
        SELECT GREATEST(last_value, today) INTO delivery FROM delivery_numbers;
        PERFORM setval('event_numbers', event + events);
        PERFORM setval('delivery_numbers', delivery + deliveries);
    END IF;
END
$$;
