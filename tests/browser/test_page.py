"""The page of the report in a real browser."""

from pathlib import Path

import pytest
import sample_report
from opened import Open
from playwright.sync_api import Page

REPORTS = {
    "full": sample_report.full(),
    "hostile": sample_report.full(sample_report.HOSTILE),
    "long": sample_report.full("a_name_that_knows_no_end_" * 12),
    "empty": sample_report.empty(),
}
each_report = pytest.mark.parametrize("name", REPORTS)

CONTRAST = """() => {
  const channel = (value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/rgba\\(.*, 0\\)/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  for (const node of document.querySelectorAll("h1, h2, h3, p, li, dt, dd, td, th, a, span, code, button, summary")) {
    if (!node.textContent.trim() || !node.getClientRects().length) continue;
    const [one, other] = [light(getComputedStyle(node).color), light(behind(node))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.push(`${node.tagName} ${node.className} ${ratio.toFixed(2)} ${node.textContent}`);
  }
  return found;
}"""


def background(page: Page) -> str:
    """The colour behind everything."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


@each_report
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_opens_without_a_fault_and_fits_the_screen(show: Open, name: str, theme: str, width: int) -> None:
    """No error, no request, and no page that scrolls sideways, however wide the screen and long the names."""
    page = show(REPORTS[name], width=width, theme=theme).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text()


@each_report
def test_every_link_lands(show: Open, name: str) -> None:
    """A click on any link brings its place to the screen."""
    page = show(REPORTS[name]).page
    links = page.locator("a[href^='#']")
    for number in range(links.count()):
        links.nth(number).evaluate("link => link.click()")
        missing = "() => !document.getElementById(location.hash.slice(1)) || !document.querySelector(':target')"
        assert not page.evaluate(missing), links.nth(number).get_attribute("href")
    assert page.locator("a:not([href^='#'])").count() == 0


def test_tables_sort_by_click(show: Open) -> None:
    """A click sorts by numbers, the most first, and the next one the other way; names from A on. Dashes are last."""
    report = sample_report.full()
    page = show(report).page
    table = page.locator("#recipes article table").last
    head = table.locator("thead th", has_text="Mean")
    names = table.locator("tbody th")
    longest_first = sorted(sample_report.STEPS, key=lambda step: -sample_report.STEPS[step])
    head.locator("button").click()
    assert names.all_inner_texts() == longest_first
    assert head.get_attribute("aria-sort") == "descending"
    head.locator("button").click()
    assert names.all_inner_texts() == longest_first[::-1]
    table.locator("thead th").first.locator("button").click()
    assert names.all_inner_texts() == sorted(sample_report.STEPS)
    assert head.get_attribute("aria-sort") is None
    verified = page.locator("table", has_text="Measured")
    for _ in range(2):
        verified.locator("thead th", has_text="Measured").locator("button").click()
        assert verified.locator("tbody tr").last.inner_text().startswith("Fewer retries")


def test_every_table_sorts(show: Open) -> None:
    """All tables have heads to click, which keep all rows."""
    page = show().page
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    tables = page.locator("table")
    assert tables.count() == page.locator("table.sortable").count() >= 9
    for number in range(tables.count()):
        rows = tables.nth(number).locator("tbody tr").count()
        for button in tables.nth(number).locator("thead button").all():
            button.click()
        assert tables.nth(number).locator("tbody tr").count() == rows


def test_tables_sort_by_keyboard(show: Open) -> None:
    """Enter on a head does what a click does."""
    page = show().page
    head = page.locator("#agents thead th").first
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"


def test_theme_follows_the_system_until_it_is_chosen(show: Open) -> None:
    """The page is light or dark as the system is; the button changes it."""
    light, dark = show(theme="light").page, show(theme="dark").page
    assert background(light) != background(dark)
    assert light.locator("#theme").inner_text() == "Dark"
    light.locator("#theme").click()
    assert background(light) == background(dark)
    assert light.locator("#theme").inner_text() == "Light"
    light.locator("#theme").click()
    assert background(light) != background(dark)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(show: Open, theme: str) -> None:
    """All text has at least the contrast that WCAG 2.2 AA asks for, 4.5 to 1."""
    assert show(theme=theme).page.evaluate(CONTRAST) == []


def test_markup_in_a_name_is_text(show: Open) -> None:
    """A recipe named like a script is shown by that name, in tables, titles and drawings, and nothing of it runs."""
    page = show(REPORTS["hostile"]).page
    assert page.locator("script").count() == 1
    assert page.locator("tbody th", has_text=sample_report.HOSTILE).count() >= 3
    assert page.locator("#recipes h3").last.inner_text() == sample_report.HOSTILE


def test_page_without_scripts_says_everything(show: Open) -> None:
    """Without JavaScript the figures, graphs and links are there; the button that would do nothing is not."""
    page = show(script=False).page
    assert page.locator("svg .step").count() == len(sample_report.STEPS)
    assert not page.locator("#theme").is_visible()
    assert page.locator("thead button").count() == 0


def test_prints_as_pdf(show: Open, tmp_path: Path) -> None:
    """The page prints, light whatever the theme, with nothing cut off at the right."""
    page = show(theme="dark", width=718).page
    page.emulate_media(media="print")
    assert background(page) == "rgb(255, 255, 255)"
    beyond = (
        "[...document.querySelectorAll('table, svg')].filter(it => it.getBoundingClientRect().right > innerWidth + 1)"
    )
    assert page.evaluate(f"{beyond}.length") == 0
    assert not page.locator("#theme").is_visible()
    file = tmp_path / "report.pdf"
    page.pdf(path=file, format="A4")
    assert file.read_bytes().startswith(b"%PDF-")


def test_folded_parts_are_printed(show: Open) -> None:
    """What is folded on the screen is unfolded on paper, and folded again after."""
    page = show().page
    folded = page.locator("details:not([open])").count()
    assert folded == 3
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == folded
