"""The facts of a template, one of each topic."""

from datetime import date
from uuid import UUID

from domain.templates.template import Failure, Template
from tests.domain.facts import fact
from tests.domain.templates.words import terms

LIFE = [
    fact(Template.TemplateDefined, terms=terms()),
    fact(
        Template.TemplateChanged,
        terms_version=2,
        terms=terms({"goal": "+10 %", "kind": "uplift"}, until=date(2027, 12, 1), compared_with="last_year"),
        changes={"target.goal": {"from": "1000.00", "to": "+10 %"}, "until": {"from": None, "to": "2027-12-01"}},
        reason="The shop in Oslo opened",
    ),
    fact(
        Template.TargetMade,
        target=UUID(int=12),
        start=date(2026, 12, 1),
        end=date(2026, 12, 31),
        template_version=2,
    ),
    fact(
        Template.TemplateFailed,
        failure=Failure(date(2027, 1, 1), "holidays_unknown", "known up to 2026", "/target/calendar/country"),
    ),
    fact(Template.TemplateArchived, reason="We plan by the quarter now"),
]
