INSERT INTO spans BY NAME SELECT * FROM incoming_spans;
