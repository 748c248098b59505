"""A page of the report as it was opened in a browser."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Request


class Opened:
    """A page that was opened, with what went wrong on it and what it asked for."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.faults: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        page.on("request", self._asked)
        page.goto(file.as_uri())

    def _asked(self, request: Request) -> None:
        if request.url != self.page.url and not request.url.startswith("data:") and not request.is_navigation_request():
            self.requests.append(request.url)


Open = Callable[..., Opened]
