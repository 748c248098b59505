"""Grafana's types, in one place: the second version of its schema is preferred there, and we keep to the first."""

import warnings

with warnings.catch_warnings():
    # "Prefer using dashboardv2": every Grafana reads the first schema, and so do the linters.
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import (
        bargauge,
        common,
        dashboard,
        prometheus,
        stat,
        table,
        tempo,
        text,
        timeseries,
    )
    from grafana_foundation_sdk.cog import variants
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import common as common_models
    from grafana_foundation_sdk.models import dashboard as models
    from grafana_foundation_sdk.models import prometheus as prometheus_models
    from grafana_foundation_sdk.models import tempo as tempo_models
    from grafana_foundation_sdk.models import text as text_models

__all__ = [
    "Builder",
    "JSONEncoder",
    "bargauge",
    "common",
    "common_models",
    "dashboard",
    "models",
    "prometheus",
    "prometheus_models",
    "stat",
    "table",
    "tempo",
    "tempo_models",
    "text",
    "text_models",
    "timeseries",
    "variants",
]
