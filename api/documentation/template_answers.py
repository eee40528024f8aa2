"""What is answered about templates and imports, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    anything,
    day,
    flag,
    id_of,
    instant,
    list_of,
    named,
    one_of,
    or_null,
    page,
    record,
    text,
    whole,
)
from domain.importing import MADE, REFUSED, UNCHANGED
from domain.templates.recurrence import COMPARED, UNITS

_dates: dict[str, Schema] = {
    "start": day("Its first day", "2027-01-01"),
    "end": day("Its last day, inclusive", "2027-01-31"),
    "drafted_at": instant("When its target is made, as a draft; in UTC"),
    "starts_at": instant("When that is started; in UTC"),
}
_problem: dict[str, Schema] = {
    "code": text("Which rule", "holidays_unknown"),
    "detail": text("The same in a sentence", "the holidays of US are known up to 2100"),
    "field": text("Where in the template: a JSON pointer", "/target/calendar/country"),
}

SCHEMAS: dict[str, Schema] = {
    "Template": record(
        "Targets that recur.",
        {
            "id": id_of("The template"),
            "version": whole("Of its terms: it moves with each change, and is the ETag", 1),
            "name": text("What people call it", "Monthly revenue"),
            "every": one_of(UNITS, "How long a period is"),
            "from": day("The first day of the first period", "2026-12-01"),
            "target": anything("What the targets look like, as in a definition; `name` with its placeholders"),
            "interval": whole("Every so many", 1),
            "until": or_null(day("No period begins after it. Null: it goes on", "2027-12-31")),
            "compared_with": or_null(one_of(COMPARED, "What each period is compared with")),
            "draft_days": whole("So many days before its start, the next target is there as a draft", 7),
            "state": one_of(
                ("active", "ended", "archived"), "`ended`: there is no next period. `archived`: none is wanted"
            ),
            "made": whole("How many targets it has made", 1),
            "last": or_null(
                record(
                    "The last of them.",
                    {
                        "target": id_of("Its id"),
                        "start": day("Its first day", "2026-12-01"),
                        "end": day("Its last day, inclusive", "2026-12-31"),
                        "version": whole("Of the terms that it was made of", 1),
                    },
                )
            ),
            "next": or_null(record("The period whose target is made next.", _dates)),
            "failure": or_null(
                record(
                    "Why that target can't be made. It is tried again every hour.",
                    {
                        "start": day("Of its period, the first day", "2027-01-01"),
                        **_problem,
                        "since": or_null(instant("When it was first met; in UTC")),
                    },
                )
            ),
            "created_at": instant("When; in UTC"),
            "created_by": text("By whom: the name of a key", "ana@example.com"),
        },
    ),
    "TemplatePage": page("Template", "the id of the last template here"),
    "ComingTarget": record(
        "A target that a template is going to make.",
        {
            "number": whole("Which period it is, from 1", 2),
            **_dates,
            "name": or_null(text("What it will be called", "January 2027 revenue")),
            "goal": or_null(text("As it is said: a percent becomes an amount when the target starts", "+10 %")),
            "comparison": or_null(
                record(
                    "What it will be compared with.",
                    {"start": day("Its first day", "2026-01-01"), "end": day("Its last day", "2026-01-31")},
                )
            ),
            "problem": or_null(record("Why it could not be made, as far as is known today.", _problem)),
        },
    ),
    "ComingTargets": record(
        "What a template makes next.", {"items": list_of(named("ComingTarget"), "In the order of their periods")}
    ),
    "TargetRows": {
        "type": "array",
        "description": "Definitions, as in POST /v1/targets, each with a `key` of your own if it has one",
        "items": anything("A definition"),
    },
    "Imported": record(
        "What became of each row.",
        {
            "dry_run": flag("Whether nothing was made, and it says what would become of them"),
            "made": whole("How many targets were made", 1),
            "unchanged": whole("How many rows have made their target before", 0),
            "refused": whole("How many rows can't be made", 1),
            "items": list_of(
                record(
                    "One row.",
                    {
                        "line": whole("Of the table, the header being 1; in an array its place, from 1", 2),
                        "result": one_of((MADE, UNCHANGED, REFUSED), "What became of it"),
                        "key": or_null(text("Its own key", "2027-01")),
                        "name": or_null(text("Its name", "January 2027")),
                        "id": or_null(id_of("The target. Null: there is none")),
                        "error": or_null(
                            record(
                                "What is wrong.",
                                {
                                    "code": text("Which rule", "amount_not_decimal"),
                                    "detail": text("The same in a sentence"),
                                    "column": or_null(text("Where. Null: the whole row", "goal")),
                                },
                            )
                        ),
                    },
                ),
                "In the order in which they came",
            ),
        },
    ),
}
