-- A number as the rows of `changes` hold it: seven bits a byte, the lowest first. So a commit can
-- name what it makes in the statement that takes its numbers.
CREATE FUNCTION seven_bits(number BIGINT) RETURNS BYTEA LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT string_agg(
        set_byte('\x00', 0, CAST(number >> (7 * place) & 127 AS INT)
                            | CASE WHEN number >> (7 * place + 7) > 0 THEN 128 ELSE 0 END),
        '' ORDER BY place)
    FROM generate_series(0, 8) AS place
    WHERE place = 0 OR number >> (7 * place) > 0
$$;
