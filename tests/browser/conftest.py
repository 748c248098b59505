"""A real Chromium for the tests of the page; none is downloaded."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_report
from opened import Open, Opened
from playwright.sync_api import Browser, sync_playwright

from tachograph.present.html import page as render
from tachograph.records import Report

SWITCHES = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Where it is; continuous integration must have it, elsewhere these tests are skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        assert not os.environ.get("CI"), "chromium is missing: apt-get install -y chromium"
        pytest.skip("chromium is not installed: apt-get install -y chromium")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running browser with an empty profile; its sandbox does not work for root."""
    path = chromium()
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=[*SWITCHES, *root])
        yield running
        running.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report as a page; afterwards nothing may have gone wrong, nor anything have been asked for."""
    opened: list[Opened] = []

    def show(report: Report | None = None, *, width: int = 1280, theme: str = "light", script: bool = True) -> Opened:
        file = tmp_path / f"report-{len(opened)}.html"
        file.write_text(render(report or sample_report.full()), encoding="utf-8")
        page = browser.new_page(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=script,
        )
        opened.append(Opened(page, file))
        return opened[-1]

    yield show
    for one in opened:
        one.page.close()
    assert [fault for one in opened for fault in one.faults] == []
    assert [url for one in opened for url in one.requests] == []
