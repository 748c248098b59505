INSERT INTO adoptions BY NAME SELECT * FROM incoming_adoptions;
