DELETE FROM verifications WHERE id = $id;
