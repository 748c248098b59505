"""The page as text: it needs nothing else, its links land, and what came with telemetry stays text."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sample_report

from tachograph.present import markdown, summary
from tachograph.present.html import charts, graph, page
from tachograph.records import GraphStep, RecipeGraph, Report, Verification

REPORTS = [sample_report.full(), sample_report.full(sample_report.HOSTILE), sample_report.empty()]
each_report = pytest.mark.parametrize("report", REPORTS, ids=["full", "hostile", "empty"])
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a page holds, as a browser's parser sees it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes |= set(found)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []
        self._open += [tag] if tag not in VOID else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@each_report
def test_every_link_lands_and_every_id_is_there_once(report: Report) -> None:
    """The page is well-formed; each internal link has its place, and no place is there twice."""
    read = Page(page(report))
    assert len(read.ids) == len(set(read.ids))
    places = [link.removeprefix("#") for link in read.links if link.startswith("#")]
    assert set(places) <= set(read.ids)
    assert [link for link in read.links if not link.startswith("#")] == ["data:,"]


@each_report
def test_page_needs_nothing_else(report: Report) -> None:
    """No address of anything else, no inline style or handler; the policy allows its own style and script only."""
    text = page(report)
    read = Page(text)
    assert "http://" not in text
    assert "https://" not in text
    assert "url(#" in text or not report.graphs
    assert {"src", "srcset", "action", "style"} & read.attributes == set()
    assert [name for name in read.attributes if name.startswith("on")] == []
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe" not in policy


def test_hostile_names_make_no_element() -> None:
    """A page with names full of markup has the very tags of one with harmless names."""
    harmless, hostile = (Page(page(sample_report.full(name))) for name in ("bug_fix", sample_report.HOSTILE))
    assert harmless.tags == hostile.tags
    assert sample_report.HOSTILE not in page(sample_report.full(sample_report.HOSTILE))


def test_characters_that_turn_writing_around_are_shown() -> None:
    """Control characters, bidirectional overrides and halves of surrogate pairs become �."""
    text = page(sample_report.full("a\u202eb\x00\ud800c"))
    assert not {"\u202e", "\x00", "\ud800"} & set(text)
    assert "a\ufffdb\ufffd\ufffdc" in text
    text.encode()


def test_empty_report_says_so_in_each_part() -> None:
    """A window without data is said to be one; what was not looked for is not called good."""
    text = page(sample_report.empty())
    for said in ("Nothing to judge yet", "No agent ran", "No recipe ran", "No command ran", "Nothing failed"):
        assert said in text
    assert "Bottlenecks were not looked for" in text


def test_the_same_report_makes_the_same_page() -> None:
    """A page can be committed and compared."""
    assert page(sample_report.full()) == page(sample_report.full())


def test_graph_draws_causes_before_effects() -> None:
    """What a step waits for stands on its left; steps side by side do not overlap; the critical path is marked."""
    drawing = graph.layout(sample_report.graph())
    at = {box.step.name: (box.x, box.y) for box in drawing.boxes}
    for step, causes in sample_report.WAITS_FOR.items():
        assert all(at[cause][0] < at[step][0] for cause in causes)
    assert at["security_audit"][0] == at["document"][0]
    assert abs(at["security_audit"][1] - at["document"][1]) >= graph.BOX_HEIGHT
    assert [box.step.name for box in drawing.boxes if box.critical] == sample_report.graph().critical_path
    assert sum(edge.critical for edge in drawing.edges) == 3
    assert all(0 <= box.x <= drawing.width - graph.BOX_WIDTH for box in drawing.boxes)


def step(name: str, *waits_for: str) -> GraphStep:
    """A step of which only the place matters."""
    return GraphStep(name, list(waits_for), True, 1, 1.0, 1.0, 0.5)


def test_graph_with_a_circle_and_with_unknown_steps_is_drawn() -> None:
    """Steps that wait for each other, for themselves or for what never ran stop no drawing."""
    drawing = graph.layout(
        RecipeGraph("odd", 1, [step("a", "b"), step("b", "a"), step("c", "c", "ghost")], ["a", "gone"])
    )
    assert len(drawing.boxes) == 3
    assert len(drawing.edges) == 1
    assert graph.layout(RecipeGraph("none", 0)).boxes == []


def test_edges_that_follow_from_others_are_left_out_and_long_ones_pass_boxes_by() -> None:
    """a → c is said by a → b → c; an edge over a layer has a place of its own there."""
    chain = [step("a"), step("b", "a"), step("c", "a", "b")]
    assert len(graph.layout(RecipeGraph("chain", 1, chain)).edges) == 2
    long = [step("a"), step("b", "a"), step("c", "b"), step("x"), step("d", "c", "x")]
    drawing = graph.layout(RecipeGraph("long", 1, long))
    [edge] = [edge for edge in drawing.edges if edge.path.count("C") > 1]
    boxes = [(box.x, box.y) for box in drawing.boxes]
    points = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)(?= C|$)", edge.path)][1:-1]
    inside = [
        (x, y)
        for x, y in points
        for left, top in boxes
        if left < x < left + graph.BOX_WIDTH and top < y < top + graph.BOX_HEIGHT
    ]
    assert inside == []


def test_steps_that_only_ran_after_each_other_are_joined_by_a_loose_edge() -> None:
    """Where the critical path goes between steps of which none waits for the other, the drawing says so."""
    steps = [step("fix"), step("audit", "fix"), step("document", "fix")]
    drawing = graph.layout(RecipeGraph("serial", 5, steps, ["fix", "audit", "document"]))
    assert [edge.loose for edge in drawing.edges].count(True) == 1
    assert drawing.loose


def test_charts_leave_gaps_for_days_without_executions() -> None:
    """A day stands where its date says, and the last one at the right."""
    days = sample_report.full().days["agent"]
    chart = charts.runs([days[0], days[-1]])
    assert chart.points[1].x - chart.points[0].x > 0.9 * charts.WIDTH
    assert charts.runs([]).points == []
    assert "30 runs" not in charts.runs(days[:1]).said


def test_bullets_stay_on_their_scale() -> None:
    """Figures beyond any target, or with nothing measured, are drawn within the picture."""
    for kpi in sample_report.kpis():
        drawn = charts.bullet(kpi)
        assert 0 <= drawn.target <= 100
        assert drawn.low is None or 0 <= drawn.low <= drawn.low + drawn.width <= 101
    nothing = charts.outcome(Verification("R", "", None, None, None, "none"))
    assert nothing.value is None


def test_templates_and_assets_are_in_the_package() -> None:
    """What the page is made of lies beside its code, so that a wheel has it."""
    folder = Path(graph.__file__).parent
    assert (folder / "page.css").exists()
    assert (folder / "templates" / "page.html.j2").exists()


def test_secrets_in_what_others_sent_are_not_shared() -> None:
    """A message with a key in it is shown without, on the page, in Markdown and in summaries."""
    key = "sk-ant-api03-" + "abcdEFGH1234" * 5
    report = sample_report.full(f"call with {key} failed")
    for text in (page(report), markdown.report(report), summary.plain(report), summary.slack(report)):
        assert key not in text.replace("\\", "")
    assert "[redacted]" in page(report)
