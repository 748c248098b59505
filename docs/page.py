"""Takes docs/report-page.png, the picture of the page in the README, from the store that `make demo` leaves."""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from tachograph.measure.report import report
from tachograph.present.html import page
from tachograph.records import Window
from tachograph.store import open_store

ROOT = Path(__file__).resolve().parents[1]
DAYS_30 = 30 * 86_400 * 10**9
SIZE: ViewportSize = {"width": 1180, "height": 1540}


def main() -> None:
    now = time.time_ns()
    with open_store(ROOT / ".demo" / "store.duckdb", read_only=True) as store:
        text = page(report(store, Window(now - DAYS_30, now)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        opened = browser.new_page(viewport=SIZE)
        opened.goto(file.as_uri())
        # The key figures, then the recipes with their graphs; what lies between is left out.
        opened.evaluate("for (const id of ['activity', 'agents']) document.getElementById(id).hidden = true")
        opened.screenshot(path=ROOT / "docs" / "report-page.png", full_page=True, clip={"x": 0, "y": 0, **SIZE})
        browser.close()


if __name__ == "__main__":
    main()
