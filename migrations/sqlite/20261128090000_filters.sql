-- Whatever the log is narrowed to has an index in the order of row numbers: what is rare would else
-- be looked for through all of the log.
CREATE INDEX deliveries_by_kind ON deliveries (event, seq);
CREATE INDEX deliveries_by_failure ON deliveries (failure_class, seq)
    WHERE failure_class IS NOT NULL;
CREATE INDEX deliveries_of_tests ON deliveries (seq) WHERE test;
