-- Median durations in ms of agents and recipes, by complexity and over all ('' then), with how many there are.
SELECT role, name, coalesce(complexity, '') AS complexity, median(duration_ns) / 1e6 AS median_ms, count(*) AS n
FROM counted
WHERE role IN ('agent', 'recipe')
GROUP BY GROUPING SETS ((role, name, complexity), (role, name))
HAVING count(*) >= $least AND (grouping(complexity) = 1 OR complexity IS NOT NULL)
ORDER BY role, name, complexity;
