"""What people say of a target, on its page: beside the figures, with a form that needs no script."""

from datetime import UTC, datetime, timedelta

from api.dashboard.update_lines import voices_said
from projections.updates import CheckIn
from tests.api.living import Living
from tests.api.page_reading import page, target_page, words
from tests.api.test_kinds_told import found
from tests.api.test_targets import defined, shown
from tests.api.test_updates import asked_of, post
from tests.words import NOW, plan

SAID = {"on_track": "no", "why": "Two orders slipped", "improve": "A visit", "confidence": "6"}


def test_an_update_stands_beside_what_is_computed(api: Living) -> None:
    target = defined(api)
    shown(api, target["id"])
    post(api, target["id"], on_track=True, why="It <b>will</b> come", confidence=8)

    seen = target_page(api, target)

    told = words(seen, "updates")
    assert "ana@example.com on track confidence 8 of 10 It <b>will</b> come Would help: A visit" in told
    assert words(seen, "standing").startswith("too early to say")
    assert "ana@example.com says: on track, confidence 8 of 10 (Mon 23 Jan, 07:00)." in words(seen, "standing")


def test_whoever_is_asked_is_named_until_somebody_answers(api: Living) -> None:
    target = asked_of(api, owner="ana@example.com", team=["jo@example.com"])
    before = words(target_page(api, target), "updates")

    post(api, target["id"])

    after = words(target_page(api, target), "updates")
    assert "read off track: ana@example.com and jo@example.com are asked to say why, until the end of" in before
    assert "are asked" not in after
    assert "about checkpoint 3" in after


def test_a_form_posts_an_update_and_comes_back_to_it(api: Living) -> None:
    target = defined(api)
    form = f"/targets/{target['id']}/updates"

    done = api.manager.post(form, data=SAID)

    assert (done.status_code, done.headers["Location"]) == (303, f"/targets/{target['id']}#updates")
    assert "not on track confidence 6 of 10 Two orders slipped Would help: A visit" in words(
        page(api.manager, f"/targets/{target['id']}"), "updates"
    )
    for wrong in ({"on_track": "maybe"}, {"confidence": "11"}, {"why": " "}, {"why": "x" * 2_001}):
        refused = api.manager.post(form, data=SAID | wrong)
        assert refused.status_code == 422, wrong
        assert f'href="/targets/{target["id"]}#say"' in refused.text


def test_the_form_is_for_those_who_are_accountable_and_stands_in_no_live_region(api: Living) -> None:
    target = defined(api, owner="jo@example.com")
    form = f'action="/targets/{target["id"]}/updates"'

    with (
        api.client(api.key("subscriber", "jo@example.com")) as jo,
        api.client(api.key("subscriber", "mo@example.com")) as mo,
    ):
        seen, seen_by_mo = target_page(api, target, jo).text, target_page(api, target, mo).text
        posted, refused = (one.post(f"/targets/{target['id']}/updates", data=SAID) for one in (jo, mo))

    assert form in seen
    assert form not in seen_by_mo
    assert (posted.status_code, refused.status_code) == (303, 403)
    updates = seen.partition('<section id="updates"')[2].partition("</section>")[0]
    assert "<form" not in updates
    assert form not in target_page(api, target, api.auditor).text


def test_an_unanswered_question_says_where_it_went() -> None:
    due = datetime(2026, 11, 26, tzinfo=UTC)
    one = found(plan())
    asked = CheckIn(one.id, 3, NOW - timedelta(days=2), "at_risk", ["ana"], due, NOW)

    open_one = voices_said(one, [], asked)
    gone = voices_said(one, [], CheckIn(**vars(asked) | {"state": "escalated", "escalated_to": "boss"}))
    over = voices_said(one, [], CheckIn(**vars(asked) | {"state": "ended"}))

    assert open_one.asked == "Checkpoint 3 read at risk: ana is asked to say why, until the end of Wed 25 Nov."
    assert gone.asked == (
        "Checkpoint 3 read at risk, and nobody has said why: ana had until the end of Wed 25 Nov. It went on to boss."
    )
    assert over.asked == ""
