DELETE FROM applied WHERE id = $id;
