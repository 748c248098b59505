INSERT INTO verifications BY NAME
SELECT
    $id AS id,
    $verified_ns AS verified_ns,
    $measured_pct AS measured_pct,
    $low_pct AS low_pct,
    $high_pct AS high_pct,
    $verdict AS verdict,
    $baseline AS baseline,
    $n_before AS n_before,
    $n_after AS n_after;
