"""Invoices have one line for each project and are exact to the cent."""

from datetime import date
from decimal import Decimal

import pytest

from timebook import Entry, RateCard, TimebookError, build_invoice
from timebook.report import format_invoice

ENTRIES = [
    Entry(date(2025, 3, 3), "website", "design", 90),
    Entry(date(2025, 3, 4), "archive", "build", 20),
    Entry(date(2025, 3, 5), "website", "build", 30),
]
RATES = RateCard(Decimal(70), {"archive": Decimal("80.50")})


def test_a_project_has_its_own_rate_or_the_standard_rate():
    assert RATES.rate_for("archive") == Decimal("80.50")
    assert RATES.rate_for("website") == Decimal(70)


def test_a_project_without_a_rate_is_refused():
    with pytest.raises(TimebookError, match="no rate for the project website"):
        RateCard().rate_for("website")


def test_one_line_for_each_project():
    lines = build_invoice(ENTRIES, RATES).lines
    assert [(line.project, line.amount) for line in lines] == [
        ("archive", Decimal("26.83")),
        ("website", Decimal("140.00")),
    ]


def test_tax_is_added_to_the_total():
    invoice = build_invoice(ENTRIES, RATES, Decimal("0.2"))
    assert (invoice.net, invoice.tax, invoice.total) == (
        Decimal("166.83"),
        Decimal("33.37"),
        Decimal("200.20"),
    )


def test_cents_are_rounded_half_up():
    half = [Entry(date(2025, 3, 3), "website", "design", 3)]
    assert build_invoice(half, RateCard(Decimal("0.10"))).net == Decimal("0.01")


def test_invoices_are_written_as_a_table():
    invoice = build_invoice(ENTRIES, RATES, Decimal("0.2"))
    assert format_invoice(invoice).splitlines() == [
        "archive  0.33 h  80.50   26.83",
        "website  2.00 h  70.00  140.00",
        "tax                      33.37",
        "total                   200.20",
    ]
