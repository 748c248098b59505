"""The text of totals and invoices."""

from collections.abc import Sequence

from timebook.duration import format_duration
from timebook.invoice import Invoice
from timebook.totals import Totals


def format_totals(totals: Totals) -> str:
    """Return the totals as a table with one row for each key."""
    rows = [(key, format_duration(minutes)) for key, minutes in sorted(totals.items())]
    rows.append(("total", format_duration(sum(totals.values()))))
    return format_table(rows)


def format_invoice(invoice: Invoice) -> str:
    """Return the invoice as a table with one row for each line."""
    rows = [
        (line.project, f"{line.hours:.2f} h", f"{line.rate:.2f}", f"{line.amount:.2f}")
        for line in invoice.lines
    ]
    rows.append(("tax", "", "", f"{invoice.tax:.2f}"))
    rows.append(("total", "", "", f"{invoice.total:.2f}"))
    return format_table(rows)


def format_table(rows: Sequence[Sequence[str]]) -> str:
    """Return the rows as lines of text, with the first column to the left."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(_format_row(row, widths) for row in rows)


def _format_row(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = row
    cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
    return "  ".join([first.ljust(widths[0]), *cells])
