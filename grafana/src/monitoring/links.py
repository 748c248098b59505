"""Links from a figure to the traces behind it, and from a list of traces to each of them."""

import json
from typing import Final
from urllib.parse import quote

from monitoring.sdk import dashboard

_KEPT: Final = "${}:._"  # Grafana fills in its variables only where they stand as they are


def traces(title: str, query: str) -> dashboard.DashboardLink:
    """Opens Explore with a TraceQL query over the same range of time."""
    return dashboard.DashboardLink(title).url(explore(query)).target_blank(True)


def explore(query: str) -> str:
    """The address in Explore of a TraceQL query; a trace id is one, too."""
    source = {"type": "tempo", "uid": "${tempo}"}
    asked = {"refId": "A", "datasource": source, "queryType": "traceql", "query": query}
    pane = {"datasource": "${tempo}", "queries": [asked], "range": {"from": "${__from}", "to": "${__to}"}}
    return f"/explore?schemaVersion=1&orgId=1&panes={quote(json.dumps({'t': pane}, separators=(',', ':')), safe=_KEPT)}"
