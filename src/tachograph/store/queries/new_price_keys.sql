-- What calls of the traces that are being settled say of their models, where no price was looked up for it yet.
SELECT DISTINCT provider, response_model, model, service_tier
FROM spans
WHERE input_tokens IS NOT NULL
  AND start_ns BETWEEN $first_ns AND $last_ns
  AND trace_id IN (SELECT trace_id FROM settling_traces)
  AND coalesce(response_model, model) IS NOT NULL
EXCEPT
SELECT provider, response_model, model, service_tier FROM prices;
