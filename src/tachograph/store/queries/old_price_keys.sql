-- What has prices of another edition than the present one.
SELECT DISTINCT provider, response_model, model, service_tier FROM prices WHERE edition <> $edition;
