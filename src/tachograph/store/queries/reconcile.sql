-- What agents' own spans say of their tokens, and what their calls come to; and over all that lies in nothing else
-- which calls were told of twice and which say no usage.
WITH windowed AS (SELECT * FROM executions WHERE start_ns >= $since AND start_ns < $until),
totals AS (
    SELECT
        reported_tokens,
        input_tokens + cache_read_tokens + cache_write_tokens + output_tokens AS counted,
        cache_read_tokens + cache_write_tokens AS cached, doubled_tokens, unmetered_calls
    FROM windowed
    WHERE role = 'agent' AND reported_tokens IS NOT NULL
)
SELECT
    (SELECT count(*) FROM totals) AS agents,
    (SELECT count(*) FROM totals WHERE reported_tokens <> counted) AS differing,
    (SELECT coalesce(sum(reported_tokens), 0)::BIGINT FROM totals) AS reported,
    (SELECT coalesce(sum(counted + doubled_tokens), 0)::BIGINT FROM totals) AS calls,
    (SELECT coalesce(sum(counted), 0)::BIGINT FROM totals) AS counted,
    (SELECT count(*) FROM totals WHERE cached > 0 AND reported_tokens = counted + cached) AS cache_twice,
    (SELECT count(*) FROM totals WHERE doubled_tokens > 0 AND reported_tokens = counted + doubled_tokens) AS call_twice,
    (SELECT count(*) FROM totals WHERE unmetered_calls > 0 AND reported_tokens > counted) AS unmetered_agents,
    (SELECT coalesce(sum(doubled_calls), 0)::BIGINT FROM windowed WHERE parent_id IS NULL) AS doubled_calls,
    (SELECT coalesce(sum(doubled_tokens), 0)::BIGINT FROM windowed WHERE parent_id IS NULL) AS doubled_tokens,
    (SELECT coalesce(sum(unmetered_calls), 0)::BIGINT FROM windowed WHERE parent_id IS NULL) AS unmetered_calls;
