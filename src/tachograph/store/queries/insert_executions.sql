INSERT INTO executions BY NAME SELECT * FROM incoming_executions;
