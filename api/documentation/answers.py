"""The schemas of all that is answered, by name, for the documentation."""

from api.documentation import (
    alert_answers,
    forecast_answers,
    member_answers,
    milestone_answers,
    notification_answers,
    rate_answers,
    revision_answers,
    sale_answers,
    target_answers,
    template_answers,
    update_answers,
)

ANSWERS = (
    target_answers.SCHEMAS,
    forecast_answers.SCHEMAS,
    revision_answers.SCHEMAS,
    member_answers.SCHEMAS,
    milestone_answers.SCHEMAS,
    update_answers.SCHEMAS,
    alert_answers.SCHEMAS,
    notification_answers.SCHEMAS,
    rate_answers.SCHEMAS,
    sale_answers.SCHEMAS,
    template_answers.SCHEMAS,
)
