from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from matchmaker.directory import places
from matchmaker.directory.models import Municipality
from matchmaker.directory.terms import Verification
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.matching.terms import ActivityField, Prefecture, ResourceKind, Unit
from matchmaker.proposals.answers import Need
from matchmaker.proposals.models import Proposal, ProposalVersion
from matchmaker.proposals.questions import Question
from matchmaker.proposals.service import answers_of
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.forms import field_values, opened
from tests.support.pages import errors_beside_fields, main_text, parse

OUTLINE = {
    "title": "海辺の教室",
    "issue": "子どもの体験が足りない。",
    "beneficiaries": "小学生 20人",
    "fields": ["children", "environment"],
}


def page(response):
    return response.get_data(as_text=True)


def only_proposal():
    return db.session.scalars(select(Proposal)).one()


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


# --- the two screens to a matchable proposal ---


def test_the_first_screen_offers_the_fields_of_the_organisation(npo_client):
    assert opened(npo_client, "/proposals/new")["fields"] == ["children"]


def test_the_first_screen_makes_a_draft_and_leads_to_the_second(npo_client, npo):
    response = npo_client.post("/proposals/new", data=OUTLINE)

    proposal = only_proposal()
    assert (response.status_code, response.location) == (303, "/proposals/D-0001/needs")
    assert (proposal.organisation_id, proposal.status, proposal.is_published) == (npo.id, ProposalStatus.DRAFT, False)
    answers = answers_of(proposal)
    assert {question: answers[question] for question in (Question.TITLE, Question.ISSUE, Question.BENEFICIARIES)} == {
        Question.TITLE: "海辺の教室",
        Question.ISSUE: "子どもの体験が足りない。",
        Question.BENEFICIARIES: "小学生 20人",
    }
    assert answers[Question.FIELDS] == [ActivityField.ENVIRONMENT, ActivityField.CHILDREN]


def test_a_second_press_of_the_button_makes_no_second_draft(npo_client):
    first = npo_client.post("/proposals/new", data=OUTLINE)
    second = npo_client.post("/proposals/new", data=OUTLINE)

    assert (first.location, second.location) == ("/proposals/D-0001/needs", "/proposals/D-0001/needs")
    assert count(Proposal) == 1


def test_an_empty_first_screen_is_a_draft_too(npo_client):
    assert npo_client.post("/proposals/new", data={}).status_code == 303
    assert only_proposal().title == ""


def test_the_first_words_already_make_the_draft_and_later_ones_go_into_it(npo_client):
    first = npo_client.post("/proposals/new/autosave", data=OUTLINE | {"issue": ""})
    second = npo_client.post("/proposals/new/autosave", data=OUTLINE | {"version": first.json["version"]})
    assert (first.status_code, second.status_code) == (200, 200)
    assert only_proposal().issue == OUTLINE["issue"]

    response = npo_client.post(
        "/proposals/new", data=OUTLINE | {"title": "決めた名前", "version": second.json["version"]}
    )
    assert response.location == "/proposals/D-0001/needs"
    assert only_proposal().title == "決めた名前"


def test_an_untouched_first_screen_makes_no_draft_by_itself(npo_client):
    response = npo_client.post("/proposals/new/autosave", data={"fields": ["children"], "version": ""})
    assert (response.status_code, response.json["version"], count(Proposal)) == (200, "", 0)


def test_a_first_screen_changed_by_a_colleague_meanwhile_is_a_conflict_that_can_be_settled(npo_client):
    version = npo_client.post("/proposals/new/autosave", data=OUTLINE).json["version"]
    section = opened(npo_client, "/proposals/D-0001/edit/1")
    npo_client.post("/proposals/D-0001/edit/1", data=section | {"title": "同僚の名前", "aim": "同僚の目的"})

    response = npo_client.post("/proposals/new", data=OUTLINE | {"title": "わたしの名前", "version": version})
    assert response.status_code == 409
    assert npo_client.post("/proposals/new", data=field_values(page(response))).status_code == 303
    assert (only_proposal().title, only_proposal().aim, count(Proposal)) == ("わたしの名前", "同僚の目的", 1)


@pytest.mark.parametrize("version", ["x", "D-0001", "\x00 \x00", "D-0001 \x00", "R8-0001 0a", " "])
def test_an_odd_version_on_the_first_screen_means_a_new_draft(npo_client, version):
    assert npo_client.post("/proposals/new", data=OUTLINE | {"version": version}).status_code == 303
    assert only_proposal().title == OUTLINE["title"]


def test_a_number_slipped_into_the_first_screen_opens_no_other_draft(npo_client, other_npo):
    records.proposal(other_npo)
    for address in ("/proposals/new", "/proposals/new/autosave"):
        assert npo_client.post(address, data=OUTLINE | {"version": "D-0001 0a"}).status_code == 404
    assert only_proposal().title != OUTLINE["title"]


def test_the_second_screen_stores_places_days_and_needs_and_leads_to_the_matches(npo_client, npo):
    proposal = records.proposal(npo, place_codes=[], needs=[], starts_on=None, ends_on=None)
    form = opened(npo_client, "/proposals/D-0001/needs") | {
        "place_codes": ["242012", "24:北勢"],
        "prefecture_codes": ["23"],
        "starts_on": "２０２７/４/１",
        "ends_on": "2027-04-01",
        "needs-0-kind": "people",
        "needs-0-detail": "学習を手伝う社員",
        "needs-0-amount": "１，０００",
        "needs-0-unit": "hours",
        "needs-3-kind": "place",
        "open_until_on": "2027-01-31",
    }
    response = npo_client.post("/proposals/D-0001/needs", data=form)

    assert (response.status_code, response.location) == (303, "/matches/D-0001")
    answers = answers_of(proposal)
    assert answers[Question.PLACE_CODES] == ["23", "242012", "24:北勢"]
    assert answers[Question.STARTS_ON] == answers[Question.ENDS_ON] == date(2027, 4, 1)
    assert answers[Question.OPEN_UNTIL_ON] == date(2027, 1, 31)
    assert answers[Question.NEEDS] == [
        Need(ResourceKind.PEOPLE, "学習を手伝う社員", 1000, Unit.HOURS),
        Need(ResourceKind.PLACE),
    ]
    assert proposal.is_published is False


def test_the_second_screen_proposes_half_a_year_to_seek_partners(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/needs")
    assert form["open_until_on"] == [(clock.today() + timedelta(days=183)).isoformat()]


def test_the_second_screen_has_a_place_for_the_live_list_and_its_address(npo_client, npo):
    records.proposal(npo)
    html = parse(page(npo_client.get("/proposals/D-0001/needs")))
    form = html.select_one("form[data-autosave-url]")
    assert (form["data-autosave-url"], form["data-fit-url"]) == (
        "/proposals/D-0001/needs/autosave",
        "/matches/D-0001/fit",
    )
    assert html.select_one("[data-fit-target]") is not None


def test_ticking_the_box_publishes_and_unticking_it_takes_back(npo_client, npo, client):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/needs")
    npo_client.post("/proposals/D-0001/needs", data=form | {"is_published": "y"})
    assert only_proposal().is_published is True
    assert client.get("/proposals/D-0001").status_code == 200

    form = opened(npo_client, "/proposals/D-0001/needs")
    assert form["is_published"] == ["y"]
    npo_client.post("/proposals/D-0001/needs", data={k: v for k, v in form.items() if k != "is_published"})
    assert only_proposal().is_published is False
    assert client.get("/proposals/D-0001").status_code == 404


def test_publishing_without_what_companies_must_see_names_it_and_keeps_what_was_typed(npo_client, npo):
    records.proposal(npo, title="", needs=[])
    form = opened(npo_client, "/proposals/D-0001/needs") | {"is_published": "y", "place_codes": ["242021"]}
    response = npo_client.post("/proposals/D-0001/needs", data=form)

    assert response.status_code == 422
    assert errors_beside_fields(page(response)) == {
        "is_published": "エラー： 公開するには、次の入力が必要です：事業の名前、必要なもの"
    }
    assert field_values(page(response))["place_codes"] == ["242021"]
    assert only_proposal().is_published is False


def test_an_unverified_organisation_publishes_ahead_and_is_told_so(npo_client, npo, client, session):
    records.proposal(npo)

    with transaction():
        npo.verification, npo.checked_at = Verification.WAITING, None
    form = opened(npo_client, "/proposals/D-0001/needs") | {"is_published": "y"}
    npo_client.post("/proposals/D-0001/needs", data=form)

    assert only_proposal().is_published is True
    assert client.get("/proposals/D-0001").status_code == 404
    assert "事務局が団体の確認をすませると、企業に公開されます" in main_text(page(npo_client.get("/proposals/D-0001")))


def test_a_place_outside_the_choices_is_kept_on_saving(npo_client, npo, session):

    with transaction():
        session.add(Municipality(code="281000", prefecture=Prefecture.HYOGO, name="神戸市"))
    places.forget_loaded()
    proposal = records.proposal(npo, place_codes=["281000", "28"])
    npo_client.post("/proposals/D-0001/needs", data=opened(npo_client, "/proposals/D-0001/needs"))
    assert sorted(proposal.place_codes) == ["28", "281000"]


def test_rows_that_a_sender_leaves_out_are_empty_rows(npo_client, npo):
    proposal = records.proposal(npo)
    version = opened(npo_client, "/proposals/D-0001/needs")["version"]
    response = npo_client.post("/proposals/D-0001/needs", data={"version": version, "needs-0-kind": "money"})
    assert (response.status_code, [need.kind for need in proposal.needs]) == (303, [ResourceKind.MONEY])


def test_a_sixth_need_is_not_taken(npo_client, npo):
    proposal = records.proposal(npo, needs=[])
    form = opened(npo_client, "/proposals/D-0001/needs")
    form |= {f"needs-{number}-kind": "money" for number in range(6)}
    npo_client.post("/proposals/D-0001/needs", data=form)
    assert [need.position for need in proposal.needs] == [1, 2, 3, 4, 5]


# --- bad input ---

BAD_NEEDS = [
    ({"needs-0-kind": "", "needs-0-detail": "何か"}, {"needs-0-kind": "種類を選んでください"}),
    ({"needs-0-amount": "たくさん"}, {"needs-0-amount": "数字だけで入力してください（例：100000）"}),
    ({"needs-0-amount": "0"}, {"needs-0-amount": "1以上の数を入力してください"}),
    ({"needs-0-amount": "5", "needs-0-unit": ""}, {"needs-0-unit": "量を入力したときは、単位も選んでください"}),
    ({"needs-0-amount": "", "needs-0-unit": "yen"}, {"needs-0-amount": "単位を選んだときは、量も入力してください"}),
    ({"needs-0-amount": "9" * 40}, {"needs-0-amount": "数が大きすぎます"}),
    ({"needs-0-detail": "長" * 201}, {"needs-0-detail": "200文字以内で入力してください"}),
    ({"starts_on": "いつか"}, {"starts_on": "日付は「2027-04-01」のように、年・月・日で入力してください"}),
    (
        {"starts_on": "2027-04-02", "ends_on": "2027-04-01"},
        {"ends_on": "終わる日は、始める日と同じ日か、後の日を入力してください"},
    ),
    ({"place_codes": ["999999"]}, {"place_codes": "選べない項目がふくまれています。選びなおしてください"}),
    ({"prefecture_codes": ["24"]}, {"prefecture_codes": "選べない項目がふくまれています。選びなおしてください"}),
]


@pytest.mark.parametrize(("typed", "expected"), BAD_NEEDS)
def test_what_cannot_be_stored_is_refused_beside_its_field_and_stays_typed(npo_client, npo, typed, expected):
    records.proposal(npo)
    before = answers_of(only_proposal())
    response = npo_client.post("/proposals/D-0001/needs", data=opened(npo_client, "/proposals/D-0001/needs") | typed)

    assert response.status_code == 422
    found = {field: text.removeprefix("エラー： ") for field, text in errors_beside_fields(page(response)).items()}
    assert found == expected
    kept = field_values(page(response))
    for name, value in typed.items():
        if name not in {"place_codes", "prefecture_codes"}:
            assert kept[name] == [value]
    assert answers_of(only_proposal()) == before


def test_over_long_texts_are_refused_whole_and_kept_whole(npo_client):
    long = {"title": "題" * 121, "issue": "課" * 4001, "beneficiaries": "人" * 4000}
    response = npo_client.post("/proposals/new", data=long)

    assert errors_beside_fields(page(response)) == {
        "title": "エラー： 120文字以内で入力してください",
        "issue": "エラー： 4,000文字以内で入力してください",
    }
    kept = field_values(page(response))
    assert {name: kept[name] for name in long} == {name: [value] for name, value in long.items()}
    assert count(Proposal) == 0


def test_a_text_of_the_longest_length_is_taken_whatever_its_line_ends(npo_client):
    npo_client.post("/proposals/new", data={"issue": "\r\n".join(["あ"] * 2000) + "い"})
    assert only_proposal().issue == "\n".join(["あ"] * 2000) + "い"


def test_emoji_stay_control_characters_go_and_scripts_are_shown_inert(npo_client):
    npo_client.post(
        "/proposals/new",
        data={"title": "海🌊\x00を\u202e守る\n会", "issue": "<script>alert(1)</script>{{ 7*7 }}\r\n二行目\x07"},
    )
    proposal = only_proposal()
    assert (proposal.title, proposal.issue) == ("海🌊を守る 会", "<script>alert(1)</script>{{ 7*7 }}\n二行目")
    shown = page(npo_client.get("/proposals/D-0001"))
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in shown


def test_a_published_proposal_cannot_lose_its_title(npo_client, npo):
    records.proposal(npo, is_published=True)
    response = npo_client.post(
        "/proposals/D-0001/edit/1", data=opened(npo_client, "/proposals/D-0001/edit/1") | {"title": " "}
    )
    assert errors_beside_fields(page(response)) == {
        "title": "エラー： 公開中は空にできません。事業の名前を入力してください"
    }


# --- the five sections ---


def test_the_task_list_says_how_far_each_section_is(npo_client, npo):
    records.proposal(
        npo, evidence="", role_npo="", role_prefecture="", role_municipality="", role_company="", reason_together=""
    )
    html = parse(page(npo_client.get("/proposals/D-0001/edit")))
    states = [state.get_text(strip=True) for state in html.select(".task-list__state")]
    assert states == ["入力中", "入力ずみ", "未入力", "入力ずみ", "入力ずみ"]


@pytest.mark.parametrize("section", range(1, 6))
def test_a_section_saves_even_when_nothing_is_filled_in(npo_client, npo, section):
    records.proposal(npo)
    version = opened(npo_client, f"/proposals/D-0001/edit/{section}")["version"]
    response = npo_client.post(f"/proposals/D-0001/edit/{section}", data={"version": version})
    assert (response.status_code, response.location) == (303, "/proposals/D-0001/edit")


@pytest.mark.parametrize("section", range(1, 6))
def test_opening_and_saving_a_section_changes_nothing(npo_client, npo, section):
    division = records.division()
    records.proposal(npo, divisions=[division], open_until_on=date(2027, 1, 1), other_grants="なし\n二行目")
    before = answers_of(only_proposal())
    npo_client.post(f"/proposals/D-0001/edit/{section}", data=opened(npo_client, f"/proposals/D-0001/edit/{section}"))
    assert answers_of(only_proposal()) == before


def test_the_fifth_section_stores_declarations_form_divisions_and_what_may_be_published(npo_client, npo):
    current = records.division()
    records.proposal(npo, declares_no_organised_crime=False, preferred_form=None)
    form = opened(npo_client, "/proposals/D-0001/edit/5") | {
        "declares_no_organised_crime": "y",
        "preferred_form": "agreement",
        "division_ids": [str(current.id)],
        "publishes_plan": "y",
    }
    npo_client.post("/proposals/D-0001/edit/5", data=form)

    answers = answers_of(only_proposal())
    assert [answers[question] for question in Question][-6:] == [
        True,
        True,
        CollaborationForm.AGREEMENT,
        [current.id],
        True,
        False,
    ]


def test_only_current_divisions_and_those_chosen_before_are_offered(npo_client, npo, session):

    current, ended, chosen = records.division("今の課"), records.division("昔の課"), records.division("選んだ課")
    with transaction():
        ended.valid_until_on = chosen.valid_until_on = date(2020, 3, 31)
    records.proposal(npo, divisions=[chosen])
    html = parse(page(npo_client.get("/proposals/D-0001/edit/5")))
    offered = [box["value"] for box in html.select("input[name=division_ids]")]
    assert offered == [str(current.id), str(chosen.id)]


def test_saving_leads_on_to_the_next_section_or_back_to_the_list(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/edit/2")
    assert (
        npo_client.post("/proposals/D-0001/edit/2", data=form | {"then": "next"}).location == "/proposals/D-0001/edit/3"
    )
    assert (
        npo_client.post("/proposals/D-0001/edit/2", data=form | {"then": "list"}).location == "/proposals/D-0001/edit"
    )


@pytest.mark.parametrize("section", [0, 6, 99999999999])
def test_there_is_no_other_section(npo_client, npo, section):
    records.proposal(npo)
    assert npo_client.get(f"/proposals/D-0001/edit/{section}").status_code == 404
    assert npo_client.post(f"/proposals/D-0001/edit/{section}/autosave").status_code == 404


# --- drafts that save themselves ---


def test_autosave_answers_with_the_moment_and_the_version_to_go_on_with(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/edit/1") | {"aim": "とちゅう"}
    first = npo_client.post("/proposals/D-0001/edit/1/autosave", data=form)
    second = npo_client.post(
        "/proposals/D-0001/edit/1/autosave", data=form | {"aim": "とちゅうまで", "version": first.json["version"]}
    )

    assert (first.status_code, second.status_code) == (200, 200)
    assert set(first.json) == {"saved_at", "version"}
    assert only_proposal().aim == "とちゅうまで"
    assert count(ProposalVersion) == 0


def test_autosave_stores_what_is_right_and_leaves_the_rest_as_it_was(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/edit/4") | {
        "budget_yen": "百万",
        "budget_detail": "これは正しい",
        "needs-0-amount": "たくさん",
    }
    assert npo_client.post("/proposals/D-0001/edit/4/autosave", data=form).status_code == 200

    proposal = only_proposal()
    assert (proposal.budget_yen, proposal.budget_detail) == (600_000, "これは正しい")
    assert [need.amount for need in proposal.needs] == [5, None]


def test_autosave_never_stores_half_a_period(npo_client, npo):
    records.proposal(npo, starts_on=date(2027, 4, 1), ends_on=date(2027, 4, 30))
    form = opened(npo_client, "/proposals/D-0001/needs") | {"starts_on": "2027-06-01", "ends_on": "2027-05-01"}
    assert npo_client.post("/proposals/D-0001/needs/autosave", data=form).status_code == 200
    assert (only_proposal().starts_on, only_proposal().ends_on) == (date(2027, 4, 1), date(2027, 4, 30))


def test_autosave_never_publishes(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/needs") | {"is_published": "y"}
    npo_client.post("/proposals/D-0001/needs/autosave", data=form)
    assert only_proposal().is_published is False


def test_autosave_after_somebody_elses_save_is_a_conflict_and_stores_nothing(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/edit/1")
    npo_client.post("/proposals/D-0001/edit/1", data=form | {"aim": "先の人"})
    response = npo_client.post("/proposals/D-0001/edit/1/autosave", data=form | {"aim": "後の人"})

    assert (response.status_code, set(response.json)) == (409, {"error"})
    assert only_proposal().aim == "先の人"


def test_autosave_of_a_text_that_was_handed_in_is_refused(npo_client, npo):
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    response = npo_client.post("/proposals/R8-0001/edit/1/autosave", data={"aim": "あとから"})
    assert (response.status_code, set(response.json)) == (409, {"error"})
    assert only_proposal().aim == "学びの場を続けられる形にする。"


def test_a_lost_session_is_told_to_the_script(client, npo):
    records.proposal(npo)
    response = client.post(
        "/proposals/D-0001/edit/1/autosave", data={"aim": "x"}, headers={"X-Requested-With": "fetch"}
    )
    assert (response.status_code, response.mimetype) == (401, "application/json")


def test_a_form_sent_without_a_sign_in_leads_back_to_its_own_page(client, npo):
    records.proposal(npo)
    response = client.post("/proposals/D-0001/edit/2", data={"content": "x"})
    assert response.location == "/sign-in?next=/proposals/D-0001/edit/2"
    assert client.post("/proposals/D-0001/submit").location == "/sign-in"


def test_after_signing_in_again_the_section_shows_the_last_autosaved_text(app, npo, npo_member, npo_client, client):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/edit/2") | {"content": "消えないでほしい文"}
    npo_client.post("/proposals/D-0001/edit/2/autosave", data=form)

    lost = client.get("/proposals/D-0001/edit/2")
    assert lost.location == "/sign-in?next=/proposals/D-0001/edit/2"
    again = sign_in(app.test_client(), npo_member)
    assert opened(again, "/proposals/D-0001/edit/2")["content"] == ["消えないでほしい文"]


# --- two people at once ---


def test_two_people_in_one_section_see_both_texts_and_either_can_be_kept(npo_client, npo, app):
    colleague = sign_in(app.test_client(), records.member(npo, name="佐藤次郎"))
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/edit/1")
    colleague.post("/proposals/D-0001/edit/1", data=form | {"aim": "佐藤の文"})
    response = npo_client.post("/proposals/D-0001/edit/1", data=form | {"aim": "鈴木の文"})

    assert response.status_code == 409
    text = main_text(page(response))
    assert "鈴木の文" in text
    assert "佐藤の文" in text
    assert "先に保存した人：佐藤次郎" in text
    assert only_proposal().aim == "佐藤の文"

    mine_on_top = field_values(page(response))
    assert npo_client.post("/proposals/D-0001/edit/1", data=mine_on_top).status_code == 303
    assert only_proposal().aim == "鈴木の文"


def test_two_people_in_different_sections_do_not_disturb_each_other(npo_client, npo):
    records.proposal(npo)
    first, second = (opened(npo_client, f"/proposals/D-0001/edit/{number}") for number in (1, 3))
    npo_client.post("/proposals/D-0001/edit/1", data=first | {"aim": "一の人"})
    npo_client.post("/proposals/D-0001/edit/3", data=second | {"role_npo": "三の人"})
    assert (only_proposal().aim, only_proposal().role_npo) == ("一の人", "三の人")


def test_a_double_press_on_save_is_no_conflict(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/edit/1") | {"aim": "一度だけ"}
    assert [npo_client.post("/proposals/D-0001/edit/1", data=form).status_code for _ in range(2)] == [303, 303]
    assert count(ProposalVersion) == 1


# --- check and submit ---


def test_the_check_page_links_each_missing_answer_to_its_field(npo_client, npo):
    records.proposal(npo, goals="", ends_on=None, needs=[])
    html = parse(page(npo_client.get("/proposals/D-0001/check")))
    links = {link.get_text(strip=True): link["href"] for link in html.select(".error-summary a")}

    assert links == {
        "目標を、何を・どれだけ・いつまでにがわかるように入力してください": "/proposals/D-0001/edit/1#goals",
        "終わる日を入力してください": "/proposals/D-0001/edit/2#ends_on",
        "必要なものを1つ以上入力してください": "/proposals/D-0001/edit/4#needs",
    }
    for href in links.values():
        address, anchor = href.split("#")
        assert parse(page(npo_client.get(address))).find(id=anchor) is not None
    assert html.select_one("form[action='/proposals/D-0001/submit']") is None


def test_a_complete_proposal_is_submitted_as_it_was_read(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/check")
    response = npo_client.post("/proposals/D-0001/submit", data=form)

    assert (response.status_code, response.location) == (303, "/proposals/R8-0001")
    assert only_proposal().status is ProposalStatus.SUBMITTED
    assert [row.number for row in db.session.scalars(select(ProposalVersion))] == [1]
    assert "受付番号は R8-0001 です" in main_text(page(npo_client.get("/proposals/R8-0001")))


def test_a_text_that_changed_since_it_was_read_is_not_submitted(npo_client, npo):
    records.proposal(npo)
    read = opened(npo_client, "/proposals/D-0001/check")
    section = opened(npo_client, "/proposals/D-0001/edit/1")
    npo_client.post("/proposals/D-0001/edit/1", data=section | {"aim": "変えた"})
    response = npo_client.post("/proposals/D-0001/submit", data=read)

    assert response.location == "/proposals/D-0001/check"
    assert only_proposal().status is ProposalStatus.DRAFT


def test_an_incomplete_proposal_is_sent_back_to_the_check_page(npo_client, npo):
    records.proposal(npo, goals="")
    response = npo_client.post("/proposals/D-0001/submit")

    assert response.location == "/proposals/D-0001/check"
    assert (only_proposal().status, only_proposal().number) == (ProposalStatus.DRAFT, None)
    assert "入力が必要なところが1件あります" in main_text(page(npo_client.get("/proposals/D-0001/check")))


def test_submitting_twice_gives_one_number(npo_client, npo):
    records.proposal(npo)
    npo_client.post("/proposals/D-0001/submit")
    again = npo_client.post("/proposals/R8-0001/submit")
    assert again.location == "/proposals/R8-0001"
    assert only_proposal().number == "R8-0001"


@pytest.mark.parametrize("address", ["needs", "edit", "edit/1", "check"])
@pytest.mark.parametrize("status", [ProposalStatus.SUBMITTED, ProposalStatus.WITHDRAWN])
def test_a_closed_text_leads_to_its_page(npo_client, npo, address, status):
    records.proposal(npo, status=status)
    response = npo_client.get(f"/proposals/R8-0001/{address}")
    assert (response.status_code, response.location) == (303, "/proposals/R8-0001")


def test_a_returned_proposal_is_mended_and_submitted_again_under_its_number(npo_client, npo):
    records.proposal(npo, status=ProposalStatus.RETURNED_FOR_FIX)
    form = opened(npo_client, "/proposals/R8-0001/edit/1")
    npo_client.post("/proposals/R8-0001/edit/1", data=form | {"aim": "直した"})
    npo_client.post("/proposals/R8-0001/submit", data=opened(npo_client, "/proposals/R8-0001/check"))

    assert (only_proposal().number, only_proposal().status, only_proposal().aim) == (
        "R8-0001",
        ProposalStatus.SUBMITTED,
        "直した",
    )
