"""Field × level × reader: one function decides for page, list, search, matching and paper."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.text import search_form
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions.facts import proposal_facts
from matchmaker.permissions.levels import (
    READERS,
    Level,
    Reader,
    Restriction,
    WithholdingReason,
    level_on,
    may_read,
    narrowest,
)
from matchmaker.proposals import narrowing, publication
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.publication_models import FieldLevel
from matchmaker.proposals.questions import ALWAYS_PUBLIC, BUDGET, PLAN, Question
from matchmaker.proposals.service import answers_of
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.pages import main_text

SECRET_EVIDENCE = "課題の根拠のヒミツ"
MAY_READ = {
    Level.PUBLIC: {"public", "registered", "panel", "division", "reviewer", "owner"},
    Level.REGISTERED: {"registered", "panel", "division", "reviewer", "owner"},
    Level.PANEL: {"panel", "division", "reviewer", "owner"},
    Level.DIVISION: {"division", "reviewer", "owner"},
    Level.SECRET: {"reviewer", "owner"},
}
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@pytest.fixture
def proposal(npo) -> Proposal:
    return records.proposal(
        npo,
        status=ProposalStatus.SUBMITTED,
        evidence=SECRET_EVIDENCE,
        issue="課題のヒミツ",
        publishes_plan=True,
        publishes_budget=True,
    )


def keep_back(proposal, actor, question=Question.EVIDENCE, level=Level.SECRET, until_on=None, reason=None) -> None:
    with transaction():
        narrowing.withhold(
            proposal,
            question,
            level,
            reason or WithholdingReason.CORPORATE,
            until_on=until_on,
            actor=actor,
            at=clock.now(),
        )


@pytest.mark.parametrize("level", list(Level), ids=lambda level: level.value)
@pytest.mark.parametrize("reader", list(Reader), ids=lambda reader: reader.value)
def test_each_reader_reads_the_levels_that_are_theirs(level, reader):
    assert may_read(level, reader) == (reader.value in MAY_READ[level])


@given(st.lists(st.tuples(st.sampled_from(Level), days, st.none() | days)), st.sampled_from(Level), days)
def test_a_restriction_never_opens_a_field(rows, base, day):
    restrictions = tuple(Restriction(level, first, last) for level, first, last in rows)

    level = level_on(base, restrictions, day)

    assert narrowest(base, level) is level
    assert READERS[Level.SECRET] <= READERS[level]


@pytest.mark.parametrize("question", narrowing.OFFICE_NARROWS, ids=lambda question: question.value)
@pytest.mark.parametrize("level", [level for level in Level if level is not Level.PUBLIC], ids=lambda one: one.value)
def test_a_field_that_is_kept_back_reaches_exactly_the_readers_of_its_level(question, level, proposal, office):
    keep_back(proposal, office, question, level)
    effective = narrowest(level, publication.base_level(proposal, question))
    answers = answers_of(proposal)

    for reader in Reader:
        seen = publication.shown(proposal, answers, reader, clock.today())[question]
        is_withheld = isinstance(seen, publication.Withheld)
        assert is_withheld == (reader.value not in MAY_READ[effective]), reader


def test_the_switches_keep_their_meaning(npo):
    plain = records.proposal(npo)
    opened = records.proposal(npo, publishes_plan=True)

    levels = [{publication.base_level(one, question) for question in PLAN} for one in (plain, opened)]
    assert levels == [{Level.PANEL}, {Level.PUBLIC}]
    assert {publication.base_level(opened, question) for question in BUDGET} == {Level.PANEL}
    assert {publication.base_level(plain, question) for question in ALWAYS_PUBLIC} == {Level.PUBLIC}


@pytest.mark.parametrize(
    ("level", "readers"),
    [
        (
            Level.PUBLIC,
            ["client", "npo_client", "other_npo_client", "company_client", "division_client", "office_client"],
        ),
        (Level.REGISTERED, ["npo_client", "other_npo_client", "company_client", "division_client", "office_client"]),
        (Level.PANEL, ["npo_client", "office_client"]),
    ],
    ids=lambda value: value.value if isinstance(value, Level) else "",
)
def test_the_page_shows_an_owners_choice_to_whom_it_is_for(level, readers, proposal, npo_member, request):
    with transaction():
        narrowing.choose(proposal, {Question.EVIDENCE: level}, actor=npo_member, at=clock.now())

    everybody = ["client", "npo_client", "other_npo_client", "company_client", "division_client", "office_client"]
    seen = [
        name
        for name in everybody
        if SECRET_EVIDENCE in main_text(request.getfixturevalue(name).get(f"/proposals/{proposal.number}").text)
    ]
    assert seen == readers


def test_a_text_kept_back_leaves_search_list_page_and_matching(proposal, office, client):
    words = search_form("課題のヒミツ")
    before = (words in proposal.search_text, "課題のヒミツ" in proposal_facts(proposal).summary)

    keep_back(proposal, office, Question.ISSUE)

    assert before == (True, True)
    assert (words in proposal.search_text, "課題のヒミツ" in proposal_facts(proposal).summary) == (False, False)
    assert "課題のヒミツ" not in main_text(client.get("/proposals").text)
    assert "課題のヒミツ" not in main_text(client.get(f"/proposals/{proposal.number}").text)
    assert client.get("/proposals?q=課題のヒミツ").text.count("/proposals/R8-0001") == 0


def test_what_is_kept_back_for_a_deliberation_opens_by_itself(proposal, office):
    last = clock.today() + timedelta(days=10)
    keep_back(proposal, office, until_on=last, reason=WithholdingReason.DELIBERATION)

    levels = [publication.level_of(proposal, Question.EVIDENCE, day) for day in (last, last + timedelta(days=1))]
    assert levels == [Level.SECRET, Level.PUBLIC]
    shown = publication.shown(proposal, answers_of(proposal), Reader.PUBLIC, clock.today())[Question.EVIDENCE]
    assert shown == "公開していません（審議検討情報（条例第7条第5号））"


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": Question.TITLE},
        {"question": Question.NEEDS},
        {"level": Level.PUBLIC},
        {"reason": WithholdingReason.DELIBERATION},
        {"until_on": date(2020, 1, 1)},
    ],
    ids=["title", "needs", "public", "deliberation without end", "past"],
)
def test_the_office_cannot_keep_back_just_anything(wrong, proposal, office):
    with pytest.raises(narrowing.LevelNotPossible):
        keep_back(proposal, office, **wrong)

    assert db.session.query(FieldLevel).count() == 0


def test_only_the_owner_chooses_and_only_the_office_keeps_back(proposal, npo_member, other_npo_member, office):
    with pytest.raises(narrowing.LevelNotPossible):
        keep_back(proposal, npo_member)
    for actor in (other_npo_member, office):
        with pytest.raises(narrowing.LevelNotPossible), transaction():
            narrowing.choose(proposal, {Question.EVIDENCE: Level.PANEL}, actor=actor, at=clock.now())
    for wrong in ({Question.ISSUE: Level.PANEL}, {Question.EVIDENCE: Level.SECRET}):
        with pytest.raises(narrowing.LevelNotPossible), transaction():
            narrowing.choose(proposal, wrong, actor=npo_member, at=clock.now())


def test_both_choose_on_their_pages_and_the_narrower_holds(proposal, npo_client, office_client):
    path = f"/proposals/{proposal.number}/levels"
    chosen = {question.value: "public" for question in narrowing.OWNER_CHOOSES} | {"evidence": "registered"}
    saved = npo_client.post(path, data=chosen)
    wrong = npo_client.post(path, data=chosen | {"evidence": "secret"})
    assert (saved.status_code, wrong.status_code) == (303, 422)

    staff = f"/review/{proposal.number}/levels"
    said = {"question": "evidence", "level": "division", "reason": "operations"}
    late = office_client.post(staff, data=said | {"reason": "deliberation"})
    kept = office_client.post(staff, data=said)
    assert (late.status_code, kept.status_code) == (422, 303)
    assert publication.level_of(db.session.merge(proposal), Question.EVIDENCE, clock.today()) is Level.DIVISION
    assert "県の事務局が公開の範囲をせばめています" in main_text(npo_client.get(path).text)
    assert office_client.post(f"{staff}/lift", data={"lift-question": "evidence"}).status_code == 303
    assert publication.level_of(db.session.merge(proposal), Question.EVIDENCE, clock.today()) is Level.REGISTERED


def test_the_database_refuses_a_level_of_the_office_without_reason(proposal, office):
    with pytest.raises(IntegrityError), transaction():
        db.session.add(
            FieldLevel(
                proposal_id=proposal.id,
                question=Question.AIM,
                is_by_office=True,
                level=Level.SECRET,
                from_on=clock.today(),
                set_by_id=office.id,
                set_at=clock.now(),
            )
        )
