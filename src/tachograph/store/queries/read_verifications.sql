-- Every applied recommendation with what was last measured, NULL where nothing was.
SELECT
    applied.id,
    applied.title,
    applied.claim,
    applied.measure,
    applied.raw_pct,
    applied.predicted_pct,
    verifications.measured_pct,
    verifications.low_pct,
    verifications.high_pct,
    verifications.verdict,
    verifications.baseline,
    verifications.n_before,
    verifications.n_after
FROM applied
LEFT JOIN verifications USING (id)
ORDER BY applied.applied_ns DESC, applied.id;
