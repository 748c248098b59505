DELETE FROM unsettled WHERE trace_id IN (SELECT trace_id FROM settling_traces);
