DELETE FROM ledger WHERE path = $path;
