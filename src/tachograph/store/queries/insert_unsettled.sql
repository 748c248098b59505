INSERT INTO unsettled (trace_id) SELECT trace_id FROM incoming_arrivals;
