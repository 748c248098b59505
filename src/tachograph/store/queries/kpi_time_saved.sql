-- Time saved (ratio) by successful recipe executions whose manual duration is known, measured or estimated.
SELECT
    count(*) AS n,
    count(*) FILTER (WHERE time_saved_measured) AS measured,
    sum(time_saved) AS total,
    sum(time_saved * time_saved) AS squares
FROM recipe_runs
WHERE success AND time_saved IS NOT NULL
    AND start_ns >= $since AND start_ns < $until;
