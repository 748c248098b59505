-- The spans of a block of traces, with what their executions are computed from.
SELECT
    trace_id, span_id, parent_id, role, component, outcome, start_ns, end_ns,
    input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, cost_usd, computed_usd, context_size, call_hash,
    execution_id, agent_name, recipe_name, step_name, complexity, task_class,
    user_id, session_id, service_name, version, executor, error_type, error_message,
    steps_total, steps_completed, manual_duration_s, step_index, depends_on,
    command_options, exit_code,
    http_status, server, release, prompt_version, model, cpu_pressure, memory_pressure, cpu_steal,
    cpu_time_s, cpu_count, reads, writes, weight, response_id, scope_name, told_by
FROM priced_spans AS spans
WHERE start_ns BETWEEN $first_ns AND $last_ns
  AND trace_id IN (SELECT trace_id FROM settling_traces);
