-- Recipe executions with the time they saved: 1 - duration / what a person needs, which is measured on
-- people's own executions of the same task class where there are any, else the recipe's own estimate.
CREATE OR REPLACE VIEW recipe_runs AS
WITH people AS (
    SELECT name, task_class, avg(duration_ns) AS duration_ns
    FROM executions
    WHERE role = 'recipe' AND executor = 'human' AND success
    GROUP BY name, task_class
),
runs AS (
    SELECT
        counted.*,
        people.duration_ns IS NOT NULL AS time_saved_measured,
        coalesce(people.duration_ns, manual_duration_s * 1e9) AS manual_ns
    FROM counted
    LEFT JOIN people
        ON people.name = counted.name AND people.task_class IS NOT DISTINCT FROM counted.task_class
    WHERE role = 'recipe'
)
SELECT *, CASE WHEN manual_ns > 0 THEN 1 - duration_ns / manual_ns END AS time_saved FROM runs;
