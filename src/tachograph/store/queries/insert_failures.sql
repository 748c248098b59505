INSERT INTO failures BY NAME SELECT * FROM incoming_failures;
