"""Which codes a problem of each status may carry, for the documentation; tests hold them against what is raised."""

from api.problems import FIELD_CODES, STATUS_OF

BEFORE_THE_RULES = {
    400: ("bad_content_length", "bad_idempotency_key", "bad_if_match", "incomplete", "malformed_json"),
    401: ("key_missing", "key_unknown", "session_ended"),
    403: ("cross_origin", "not_accountable", "not_yours", "role_not_allowed"),
    404: ("not_found", "unknown_alert", "unknown_notification"),
    413: ("too_large",),
    415: ("encoding_not_supported",),
    422: ("bad_parameter", "too_many_sales", *(code for code, _ in FIELD_CODES.values())),
    429: ("too_many_requests", "tried_just_now"),
    503: ("behind", "database_away", "ingest_unavailable", "not_ready", "stopping", "too_many_viewers"),
}
"""What HTTP itself answers, by status."""

OF_TARGETS = (
    "bad_calendar",
    "bad_date",
    "bad_exponent",
    "bad_name",
    "bad_points",
    "bad_schedule",
    "bad_scope",
    "bad_text",
    "bad_weights",
    "date_out_of_range",
    "end_before_start",
    "goal_not_positive",
    "holidays_unknown",
    "key_reused",
    "no_open_day",
    "no_such_day",
    "period_too_long",
    "reason_missing",
    "team_too_large",
    "too_long",
    "undefined_pace",
    "unknown_country",
    "unknown_kind",
    "unknown_pacing",
    "unknown_parent",
    "unknown_subdivision",
    "unknown_time_zone",
)
OF_KINDS = (
    "alignment_misses",
    "bad_bounds",
    "bad_expectation",
    "bad_goal",
    "bad_pass_share",
    "bad_thresholds",
    "comparison_not_before",
    "goal_is_baseline",
    "missing_field",
    "not_of_kind",
    "roll_up_has_none",
    "unknown_alignment",
    "unknown_metric",
    "unknown_mode",
    "unknown_refunds",
)
OF_REVISIONS = (
    "actual_unknown",
    "bad_effective_at",
    "bad_time",
    "end_before_evaluated",
    "milestone_outside",
    "not_revisable",
    "nothing_revised",
    "start_after_evaluated",
    "too_many_proposals",
    "too_many_revisions",
)
OF_LOOKING_BACK = ("bad_time", "not_yet_defined", "still_to_come")
OF_TEMPLATES = (
    "bad_draft_days",
    "bad_interval",
    "nothing_changed",
    "of_the_period",
    "too_many_periods",
    "unknown_comparison",
    "unknown_placeholder",
    "unknown_recurrence",
)
OF_COPIES = ("bad_activate", "fixed_dates")
OF_TABLES = ("bad_csv", "column_twice", "no_header", "too_many_cells", "too_many_rows", "two_keys", "unknown_column")
"""Of tables of targets; those of single rows stand with the rows that were made."""
OF_AMOUNTS = (
    "amount_negative",
    "amount_not_decimal",
    "amount_not_text",
    "amount_too_long",
    "amount_too_precise",
    "unknown_unit",
    "wrong_unit",
)
OF_MILESTONES = (
    "bad_criterion",
    "bad_due_rule",
    "bad_weight",
    "cycle",
    "due_after_milestone",
    "due_outside_period",
    "evidence_missing",
    "too_many_milestones",
    "too_many_tasks",
    "unknown_checkpoint",
    "unknown_predecessor",
)
OF_MEMBERS = (
    "bad_rate",
    "bad_rates_csv",
    "bad_window",
    "member_elsewhere",
    "no_rate",
    "too_deep",
    "too_many_members",
    "unknown_rate_table",
)
OF_UPDATES = ("bad_confidence", "improve_missing", "too_many_updates", "why_missing")
OF_SUBSCRIPTIONS = (
    "channel_fixed",
    "no_kinds",
    "no_webhook",
    "recipient_no_subject",
    "too_many_of_kind",
    "too_many_of_recipient",
    "too_many_subscriptions",
    "unknown_channel",
    "url_not_for_channel",
)
OF_SALES = (
    "already_void",
    "bad_credit",
    "bad_dimensions",
    "bad_name",
    "bad_text",
    "bad_time",
    "conflict",
    "corrects_itself",
    "corrects_nothing",
    "malformed_json",
    "missing_field",
    "not_an_object",
    "source_not_allowed",
    "time_out_of_range",
    "too_large",
    "too_many_dimensions",
    "unit_not_text",
    "unknown_field",
    "unknown_kind",
    *OF_AMOUNTS,
)
"""Of single sales: they stand in `rejected` beside the good ones, and are no problem of the whole."""

RULES = (
    *OF_TARGETS,
    *OF_KINDS,
    *OF_REVISIONS,
    *OF_LOOKING_BACK,
    *OF_TEMPLATES,
    *OF_COPIES,
    *OF_TABLES,
    *OF_AMOUNTS,
    *OF_MILESTONES,
    *OF_MEMBERS,
    *OF_UPDATES,
    *OF_SUBSCRIPTIONS,
)


def codes_of(status: int) -> list[str]:
    """The codes of problems with this status, in the order of their letters."""
    by_rule = (code for code, answered in STATUS_OF.items() if answered == status)
    return sorted({*by_rule, *BEFORE_THE_RULES.get(status, ()), *(RULES if status == 422 else ())})
