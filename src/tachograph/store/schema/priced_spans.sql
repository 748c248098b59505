-- Every span that came to an end, with what its tokens cost by the prices of that time; NULL where one of both is unknown.
CREATE OR REPLACE VIEW priced_spans AS
SELECT
    spans.*,
    rates.call_usd + rates.input_usd * spans.input_tokens + rates.output_usd * spans.output_tokens
        + rates.cache_read_usd * spans.cache_read_tokens + rates.cache_write_usd * spans.cache_write_tokens AS computed_usd
FROM ended_spans AS spans
LEFT JOIN prices AS rates
    ON rates.model IS NOT DISTINCT FROM spans.model
    AND rates.response_model IS NOT DISTINCT FROM spans.response_model
    AND rates.provider IS NOT DISTINCT FROM spans.provider
    AND rates.service_tier IS NOT DISTINCT FROM spans.service_tier
    AND spans.input_tokens IS NOT NULL
    AND spans.start_ns >= rates.since_ns AND spans.start_ns < rates.until_ns
    AND (spans.start_ns // 1000000000) % 86400 >= rates.since_s
    AND (spans.start_ns // 1000000000) % 86400 < rates.until_s
    AND spans.input_tokens + spans.cache_read_tokens + spans.cache_write_tokens > rates.above_tokens
    AND spans.input_tokens + spans.cache_read_tokens + spans.cache_write_tokens <= rates.upto_tokens;
