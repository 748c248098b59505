DELETE FROM prices WHERE edition <> $edition;
