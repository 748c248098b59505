"""The invoice for the entries of a time sheet."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from timebook.entry import Entry
from timebook.rates import RateCard
from timebook.totals import by_project

CENT = Decimal("0.01")


@dataclass(frozen=True)
class InvoiceLine:
    """The hours of one project, with the rate and the amount."""

    project: str
    hours: Decimal
    rate: Decimal

    @property
    def amount(self) -> Decimal:
        """Return the amount of the line, rounded half up to the cent."""
        return to_cents(self.hours * self.rate)


@dataclass(frozen=True)
class Invoice:
    """The lines of an invoice and the tax on their amount."""

    lines: tuple[InvoiceLine, ...]
    tax_rate: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        """Return the amount of the lines without the tax."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """Return the tax on the amount of the lines, rounded half up to the cent."""
        return to_cents(self.net * self.tax_rate)

    @property
    def total(self) -> Decimal:
        """Return the amount of the lines with the tax."""
        return self.net + self.tax


def to_cents(amount: Decimal) -> Decimal:
    """Return the amount rounded half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def build_invoice(
    entries: Iterable[Entry], rates: RateCard, tax_rate: Decimal = Decimal(0)
) -> Invoice:
    """Return the invoice for the entries with one line for each project."""
    lines = [
        InvoiceLine(project, Decimal(minutes) / 60, rates.rate_for(project))
        for project, minutes in sorted(by_project(entries).items())
    ]
    return Invoice(tuple(lines), tax_rate)
