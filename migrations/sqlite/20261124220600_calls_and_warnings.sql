-- A call's page reads every event of one attempt_id, those without deliveries too.
CREATE INDEX events_by_call ON events (call_attempt, seq) WHERE call_attempt IS NOT NULL;

-- The log is narrowed to deliveries whose condition could not be decided, which are few.
CREATE INDEX deliveries_warned ON deliveries (seq) WHERE warning IS NOT NULL;

-- A warning used to be a sentence; now it says what kind it is and names the field.
UPDATE deliveries SET warning = CASE
    WHEN warning LIKE 'the event has no field or variable `%`' THEN json_object(
        'kind', 'no_field', 'detail', warning, 'field', substr(warning, 37, length(warning) - 37))
    WHEN warning LIKE 'there is no `%` in it' THEN json_object(
        'kind', 'no_member', 'detail', warning, 'field', substr(warning, 14, length(warning) - 20))
    WHEN warning LIKE 'the condition gives %' THEN json_object(
        'kind', 'not_a_boolean', 'detail', warning)
    ELSE json_object('kind', 'not_evaluated', 'detail', warning)
END
WHERE warning IS NOT NULL;
