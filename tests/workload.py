"""Telemetry with something of everything that is exported: every role and signal, and odd values."""

import random

from telemetry import START, TRACE, agent, call, hex_id, line, log_line, recipe, span, step, tool

SECOND = 1_000_000_000

ODD = span(
    901,
    {"text": "ü\u2028 \"x\"\\", "none": None, "deep": {"a": [1, [2.0, {"b": None}]], "c": {}}, "empty": [], "r": 1.0},
    name="",
    kind=3,
    status={"code": 2, "message": "two\nlines"},
    links=[{"traceId": TRACE.upper(), "spanId": hex_id(7), "traceState": "a=b", "attributes": []}],
    events=[
        {"name": "exception", "timeUnixNano": str(START + 5), "attributes": [
            {"key": "exception.type", "value": {"stringValue": "ValueError"}},
            {"key": "exception.message", "value": {"stringValue": "bad"}},
        ]},
        {"timeUnixNano": "0"},
    ],
)  # fmt: skip
ODD["attributes"] += [
    {"key": "bytes", "value": {"bytesValue": "AAEC/w=="}},
    {"key": "nan", "value": {"doubleValue": "NaN"}},
    {"key": "valueless"},
    {"key": "large", "value": {"intValue": str(2**63 - 1)}},
]
RECORDS = [
    {"timeUnixNano": str(START), "body": {"stringValue": "{\"a\": 1}"}, "severityText": "WARN"},
    {"observedTimeUnixNano": str(START + 1), "body": {"kvlistValue": {"values": []}}, "severityNumber": 21},
    {"timeUnixNano": str(START + 2), "attributes": [{"key": "event.name", "value": {"stringValue": "app.up"}}]},
    {
        "timeUnixNano": str(START + 3), "eventName": "dev_agency.execution.started", "traceId": "cd" * 16,
        "spanId": hex_id(77), "attributes": [
            {"key": "dev_agency.started.span_name", "value": {"stringValue": "invoke_workflow lost"}},
            {"key": "gen_ai.operation.name", "value": {"stringValue": "invoke_workflow"}},
            {"key": "gen_ai.workflow.name", "value": {"stringValue": "lost"}},
        ],
    },
    {
        "timeUnixNano": str(START + 4), "eventName": "gen_ai.evaluation.result", "traceId": TRACE, "spanId": hex_id(2),
        "attributes": [
            {"key": "gen_ai.evaluation.name", "value": {"stringValue": "correctness"}},
            {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": 7.5}},
            {"key": "dev_agency.evaluation.reviewer", "value": {"stringValue": "human"}},
        ],
    },
]  # fmt: skip


def workload() -> list[bytes]:
    """Executions of every role, some of which fail, are skipped, or are a person's; costs at one level and at two."""
    chance = random.Random(3)
    made = [line(ODD, resource={"service.name": "odd", "n": 3}), log_line(*RECORDS)]
    for n in range(60):
        first, trace = 100 * n + 1, f"{n + 1:032x}" if n else TRACE
        failed = {"status": {"code": 2, "message": f"port {n} is taken"}} if chance.random() < 0.3 else {}
        skipped = {"dev_agency.outcome": "skip"} if n % 10 == 9 else {}
        person = {"dev_agency.executor": "human"} if n % 15 == 14 else {}
        marks = {**skipped, **person}
        took = chance.randrange(1, 20 * SECOND)
        size = {"dev_agency.context.size": 1000 * n, "dev_agency.task.complexity": ("simple", "odd")[n % 2]}
        cost = {"dev_agency.cost.usd": 0.5, "gen_ai.agent.name": f"agent-{n % 3}"}
        made.append(
            line(
                recipe(first, f"recipe-{n % 2}", trace=trace, end=took + 9, facts=marks),
                agent(
                    first + 1,
                    f"agent-{n % 3}",
                    trace=trace,
                    parent=first,
                    end=took,
                    facts={**size, **skipped, **person},
                    **failed,
                ),
                call(first + 2, trace=trace, parent=first + 1, end=5, facts={**cost, **person}),
                call(first + 3, trace=trace, parent=first + 2, end=4, facts={**cost, **person}),
                step(first + 4, "fix", trace=trace, parent=first, end=took, facts=person),
                tool(first + 5, trace=trace, parent=first + 4),
            )
        )
        command = {"dev_agency.command.name": "app build", "process.exit.code": n % 2, "session.id": "s", **person}
        made.append(line(span(first + 6, command, trace=f"{n + 500:032x}", end=took // 9, name="app build")))
    return made
