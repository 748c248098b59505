"""The periods that entries are summed for."""

from datetime import date, timedelta


def week_start(day: date) -> date:
    """Return the Monday of the week of the day."""
    return day - timedelta(days=day.weekday())


def week_end(day: date) -> date:
    """Return the Sunday of the week of the day."""
    return week_start(day) + timedelta(days=6)


def week_key(day: date) -> str:
    """Return the name of the week of the day, such as 2025-W10."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def month_key(day: date) -> str:
    """Return the name of the month of the day, such as 2025-03."""
    return f"{day:%Y-%m}"


def working_days(first: date, last: date) -> int:
    """Return the number of days from Monday to Friday in a period, both ends included."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return sum(day.weekday() < 5 for day in days)
