"""The report as one page of HTML that needs nothing else: no network, no other file."""

from tachograph.present.html.page import page

__all__ = ["page"]
