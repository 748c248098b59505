"""Timebook reads time sheets and turns them into totals and invoices."""

from timebook.entry import Entry
from timebook.errors import TimebookError
from timebook.invoice import Invoice, build_invoice
from timebook.rates import RateCard
from timebook.reader import read_entries, read_file

__version__ = "1.2.0"

__all__ = [
    "Entry",
    "Invoice",
    "RateCard",
    "TimebookError",
    "build_invoice",
    "read_entries",
    "read_file",
]
