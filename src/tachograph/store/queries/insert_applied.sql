INSERT INTO applied BY NAME
SELECT
    $id AS id,
    $applied_ns AS applied_ns,
    $title AS title,
    $note AS note,
    $claim AS claim,
    $role AS role,
    $component AS component,
    $measure AS measure,
    $raw_pct AS raw_pct,
    $predicted_pct AS predicted_pct,
    $low_pct AS low_pct,
    $high_pct AS high_pct,
    $rivals AS rivals,
    $since_ns AS since_ns,
    $until_ns AS until_ns,
    $recommendation AS recommendation;
