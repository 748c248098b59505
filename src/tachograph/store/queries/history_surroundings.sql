-- Hosts, regions and environments: what tells of few of them is said by few resources.
SELECT
    resource,
    json_extract_string(resource, '$."host.name"') AS host,
    json_extract_string(resource, '$."cloud.region"') AS region,
    coalesce(
        json_extract_string(resource, '$."deployment.environment.name"'),
        json_extract_string(resource, '$."deployment.environment"')
    ) AS environment
FROM (SELECT DISTINCT resource FROM spans);
