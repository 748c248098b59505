"""Users test their own instrumentation with what tachograph offers for that."""

import subprocess
import sys

import pytest

import tachograph
from tachograph.testing import capture


def test_capture_gives_the_spans_of_a_block() -> None:
    """With names, inheritance and marks; what runs outside is not in it."""
    with tachograph.agent("before"):
        pass
    with capture() as spans, tachograph.recipe("fix"), tachograph.agent("coder") as run:
        run.usage(input_tokens=5, output_tokens=2)
    with tachograph.agent("after"):
        pass
    agent, recipe = spans
    assert (agent.name, recipe.name) == ("invoke_agent coder", "invoke_workflow fix")
    assert agent.attributes is not None
    assert agent.attributes["gen_ai.workflow.name"] == "fix"
    assert agent.attributes["dev_agency.tokens.total"] == 7


def test_captures_can_be_nested_and_end_with_an_error() -> None:
    """The inner one takes what happens inside; afterwards the outer one goes on."""
    with capture() as outer:
        with pytest.raises(KeyError), capture() as inner, tachograph.tool("lost"):
            raise KeyError("x")
        with tachograph.tool("kept"):
            pass
    assert [span.name for span in inner] == ["execute_tool lost"]
    assert [span.name for span in outer] == ["execute_tool kept"]


def test_no_launcher_and_no_provider_are_needed() -> None:
    """In a fresh process, as in anybody's test suite."""
    program = (
        "import tachograph\nfrom tachograph.testing import capture\n"
        "with capture() as spans, tachograph.agent('a'): pass\nprint([span.name for span in spans])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert (ended.stdout, ended.stderr) == ("['invoke_agent a']\n", "")
