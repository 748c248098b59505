-- Tokens of agents' own calls, summed by trace: calls of one trace are not independent of each other.
WITH traces AS (
    SELECT
        sum(own_input_tokens + own_cache_read_tokens + own_cache_write_tokens + own_output_tokens)::DOUBLE AS total,
        sum(own_wasted_tokens)::DOUBLE AS wasted
    FROM counted
    WHERE role = 'agent'
        AND start_ns >= $since AND start_ns < $until
    GROUP BY trace_id
)
SELECT
    count(*) AS n,
    sum(total) AS total,
    sum(wasted) AS wasted,
    sum(total * total) AS total_squares,
    sum(wasted * wasted) AS wasted_squares,
    sum(total * wasted) AS products
FROM traces
WHERE total > 0;
