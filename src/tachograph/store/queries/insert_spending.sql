INSERT INTO spending BY NAME SELECT * FROM incoming_spending;
