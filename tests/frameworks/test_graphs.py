"""Steps of graph frameworks wait for what their graph says."""

import pytest
from cases import CASES
from running import Work

WAITS = {
    "langgraph": {
        "report": {"plan": [], "survey": ["plan"], "read": ["plan"], "write": ["read", "survey"]},
        "failing": {"plan": [], "fail": ["plan"]},
    },
    "crewai": {"report": {"survey": [], "look": [], "write": ["survey"]}, "Day": {"morning": [], "noon": ["morning"]}},
    "llama-index": {"Report": {"survey": [], "look": [], "write": ["look", "survey"]}, "Failing": {"fail": []}},
}


@pytest.mark.parametrize("work", [case for case in CASES if case.framework in WAITS], ids=str, indirect=True)
def test_steps_depend_on_the_nodes_with_an_edge_to_them(work: Work) -> None:
    """Each step names those that ran before it and that have an edge to it; a step that is called for each event
    names at the last those of all."""
    told: dict[str, dict[str, list[str]]] = {}
    for span in work.ran.spans:
        if span.name.startswith("step "):
            recipe = told.setdefault(span.attributes["gen_ai.workflow.name"], {})
            recipe[span.attributes["dev_agency.step.name"]] = sorted(span.attributes["dev_agency.step.depends_on"])
    for recipe, waits in WAITS[work.case.framework].items():
        assert told[recipe] == waits
