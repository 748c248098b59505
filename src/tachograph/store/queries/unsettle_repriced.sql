-- Traces with calls whose prices changed.
INSERT INTO unsettled (trace_id)
SELECT DISTINCT spans.trace_id
FROM spans
JOIN changed_prices AS changed
    ON changed.model IS NOT DISTINCT FROM spans.model
    AND changed.response_model IS NOT DISTINCT FROM spans.response_model
    AND changed.provider IS NOT DISTINCT FROM spans.provider
    AND changed.service_tier IS NOT DISTINCT FROM spans.service_tier
WHERE spans.input_tokens IS NOT NULL;
