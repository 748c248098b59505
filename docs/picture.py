"""Draws docs/report.svg, the picture in the README, from the store that `make demo` leaves."""

import io
import re
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI

from tachograph.measure.report import report
from tachograph.present.report import report as render
from tachograph.records import Window
from tachograph.store import open_store

ROOT = Path(__file__).resolve().parents[1]
DAYS_30 = 30 * 86_400 * 10**9


def main() -> None:
    now = time.time_ns()
    with open_store(ROOT / ".demo" / "store.duckdb", read_only=True) as store:
        made = report(store, Window(now - DAYS_30, now))
    console = Console(record=True, width=150, force_terminal=True, color_system="truecolor", file=io.StringIO())
    console.print(render(made))
    picture = console.export_svg(title="tachograph report", theme=DIMMED_MONOKAI)
    # No fonts from elsewhere: a picture that loads nothing looks the same everywhere.
    picture = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", picture, flags=re.DOTALL)
    (ROOT / "docs" / "report.svg").write_text(picture)


if __name__ == "__main__":
    main()
