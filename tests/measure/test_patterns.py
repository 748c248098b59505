"""Messages grouped to patterns: the same template groups, different errors stay apart."""

import random
from collections import Counter

import pytest

from tachograph.measure.patterns import group
from tachograph.semantics.messages import mask

# What programs really say, as functions of what differs from case to case.
TEMPLATES = (
    lambda r: f"[Errno 2] No such file or directory: '/srv/{r.randrange(999)}/{r.choice(WORDS)}.py'",
    lambda r: f"[Errno 13] Permission denied: '/srv/{r.randrange(999)}/{r.choice(WORDS)}.py'",
    lambda r: f"Pool(host='{r.choice(WORDS)}.com', port=443): Read timed out. (read timeout={r.randrange(99)})",
    lambda r: f"HTTP 503 from {r.choice(WORDS)}.example.com:443",
    lambda r: f"HTTP 429 from {r.choice(WORDS)}.example.com:443",
    lambda r: f"Error code: 429 - {{'error': {{'message': 'Rate limit for org-{r.randrange(99)}'}}}}",
    lambda r: f"Error code: 500 - {{'error': {{'message': 'Internal {r.randrange(99)}'}}}}",
    lambda r: f"{r.randrange(2, 90)} of {r.randrange(90, 400)} tests failed",
    lambda r: f"undefined name {r.choice(NAMES)}",
    lambda r: f"unknown agent {r.choice(WORDS)}",
    lambda r: f"no module named {r.choice(WORDS)}",
    lambda r: f"patch does not apply to src/{r.choice(WORDS)}.py:{r.randrange(900)}",
    lambda r: f"agent {r.choice(WORDS)} gave up after {r.randrange(9)} rounds without a plan",
    lambda r: f"This model's context length is 8192 tokens, however you asked for {r.randrange(9000, 20000)} tokens",
    lambda r: f"ValueError: invalid literal for int() with base 10: '{r.choice(WORDS)}'",
    lambda r: "connection refused by host",
    lambda r: "connection reset by host",
    lambda r: "lint_findings",
    lambda r: "import_cycle",
    lambda r: "exit code 1",
    lambda r: "exit code 137",
)  # fmt: skip
WORDS = ("planner", "coder", "tester", "auditor", "writer", "builder", "keeper")
NAMES = ("total_hours", "rate_table", "fetchAll", "user_id", "app.models")


def test_realistic_messages_are_grouped_as_they_were_made() -> None:
    """Every template is one pattern, and every pattern one template: nothing split, nothing mixed."""
    chance = random.Random(7)
    made = {mask(make(chance)): number for number, make in enumerate(TEMPLATES) for _ in range(200)}
    patterns = group(Counter(made))
    templates_of: dict[str, set[int]] = {}
    for message, number in made.items():
        templates_of.setdefault(patterns[message], set()).add(number)
    assert all(len(numbers) == 1 for numbers in templates_of.values()), templates_of
    assert len(templates_of) == len(TEMPLATES)


def test_the_order_of_messages_does_not_matter() -> None:
    """The same messages, however they arrive, have the same patterns."""
    chance = random.Random(11)
    counts = {mask(make(chance)): chance.randrange(1, 50) for make in TEMPLATES for _ in range(30)}
    expected = group(counts)
    for _ in range(10):
        shuffled = list(counts.items())
        chance.shuffle(shuffled)
        assert group(dict(shuffled)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("connection refused by host", "connection reset by host"),
        ("HTTP 503 from <*>", "HTTP 429 from <*>"),
        ("exit code 1", "exit code 2"),
        ("ValueError: <*> is wrong", "TypeError: <*> is wrong"),
        ("invalid request body", "invalid request header"),
        ("lint_findings", "no_patch"),
        ("read timed out", "write timed out"),
    ],
)
def test_different_errors_stay_apart(one: str, other: str) -> None:
    """However alike they look."""
    patterns = group({one: 5, other: 3})
    assert patterns == {one: one, other: other}


def test_a_position_with_many_values_is_a_variable() -> None:
    """Also where each value is a plain word and the message is short."""
    agents = ("planner", "coder", "tester", "auditor")
    assert set(group({f"unknown agent {name}": 1 for name in agents}).values()) == {"unknown agent <*>"}
    assert set(group({f"{name} has no tools": 1 for name in agents}).values()) == {"<*> has no tools"}


def test_many_messages_that_nothing_joins_are_grouped_all_the_same() -> None:
    """Each stands for itself; what one is compared with is bounded."""
    chance = random.Random(3)
    words = ["".join(chance.choices("abcdefghij", k=6)) for _ in range(400)]
    messages = {" ".join(["start", *chance.choices(words, k=7)]): 1 for _ in range(3_000)}
    assert group(messages).keys() == messages.keys()


def test_nothing_and_blanks() -> None:
    """No messages, no patterns; an empty message is one."""
    assert group({}) == {}
    assert group({"": 2, "<*>": 1}) == {"": "", "<*>": "<*>"}
