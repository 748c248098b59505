-- Of what has prices of another edition: that whose prices are others now.
WITH before AS (SELECT * EXCLUDE (edition) FROM prices WHERE edition <> $edition),
now AS (SELECT * EXCLUDE (edition) FROM incoming_prices)
SELECT DISTINCT provider, response_model, model, service_tier
FROM (
    (SELECT * EXCLUDE (source) FROM before EXCEPT SELECT * EXCLUDE (source) FROM now)
    UNION ALL
    (SELECT * EXCLUDE (source) FROM now EXCEPT SELECT * EXCLUDE (source) FROM before)
);
