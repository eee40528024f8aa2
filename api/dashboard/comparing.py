"""What an uplift is compared with, in words; and that a comparison has holes, wherever its figures stand."""

from fractions import Fraction

from api.dashboard import wording
from domain.comparison import open_days_of, year_before
from domain.plan import Plan


def earlier_said(plan: Plan) -> str:
    """ "last year" where it is the same dates of the year before, else its dates: "1 Jan – 31 Jan 2017"."""
    versus = plan.comparison
    assert versus is not None
    if (versus.start, versus.end) == year_before(plan.start, plan.end):
        return "last year"
    return wording.days(versus.start, versus.end)


def partly_said(plan: Plan) -> str:
    """Nothing, where the comparison is whole: that under 80 % of its open days have sales."""
    if not plan.partial or plan.incomparable:
        return ""
    assert plan.comparison is not None
    assert plan.frozen is not None
    halves = plan.frozen.halves_with_sales
    sold = Fraction(plan.frozen.days_with_sales) if halves is None else Fraction(halves, 2)
    of = wording.days_counted(open_days_of(plan.comparison), "day" if halves is None else "open day")
    return f"Partial: {earlier_said(plan)} has sales on only {wording.days_counted(sold).split()[0]} of {of}"


def beside_said(plan: Plan) -> str:
    """The dates that it is held against, in full, and how days are laid beside each other."""
    versus = plan.comparison
    assert versus is not None
    how = {
        "same_date": "the same date",
        "same_weekday": "the same day of the week",
        "day_index": "the day with the same number",
    }[versus.align]
    return f"{wording.days(versus.start, versus.end)}, each day with {how}"
