INSERT INTO prices BY NAME SELECT * FROM incoming_prices;
