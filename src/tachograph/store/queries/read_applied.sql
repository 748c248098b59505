SELECT * FROM applied ORDER BY applied_ns, id;
