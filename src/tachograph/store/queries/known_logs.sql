-- Positions of incoming log records that are stored already; the same record has the same time.
SELECT incoming_log_keys.position
FROM logs
JOIN incoming_log_keys ON incoming_log_keys.digest = logs.digest
WHERE logs.time_ns BETWEEN $first_ns AND $last_ns;
