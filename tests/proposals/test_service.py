import threading
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.matching.terms import ActivityField, ResourceKind, Unit
from matchmaker.notices.models import Notice
from matchmaker.proposals import service
from matchmaker.proposals.answers import Need
from matchmaker.proposals.models import Proposal, ProposalVersion
from matchmaker.proposals.questions import SECTIONS, Question
from matchmaker.proposals.status import ProposalStatus
from tests.support import records

FIRST = SECTIONS[0].questions
FOURTH = SECTIONS[3].questions
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


def save(proposal, member, answers, *, screen=FIRST, opened_as=None, how=service.save):
    opened_as = opened_as or service.version_of(proposal, screen)
    with transaction():
        how(proposal, answers, screen=screen, opened_as=opened_as, actor=member, at=AT)


def version_numbers(proposal):
    rows = select(ProposalVersion.number).where(ProposalVersion.proposal_id == proposal.id)
    return sorted(db.session.scalars(rows))


def test_a_draft_begins_with_its_answers_a_version_a_mail_and_an_audit_entry(npo, npo_member, session):
    answers = {Question.TITLE: "海をきれいに", Question.FIELDS: [ActivityField.ENVIRONMENT]}
    with transaction():
        proposal = service.create_draft(npo, answers, actor=npo_member, at=AT)

    assert (proposal.draft_number, proposal.number, proposal.status) == ("D-0001", None, ProposalStatus.DRAFT)
    assert (proposal.title, proposal.fields, proposal.saved_at) == ("海をきれいに", [ActivityField.ENVIRONMENT], AT)
    [version] = session.scalars(select(ProposalVersion)).all()
    assert (version.number, version.content["title"], version.saved_by_id) == (1, "海をきれいに", npo_member.id)
    [notice] = session.scalars(select(Notice)).all()
    assert (notice.kind, notice.to_email, notice.subject) == (
        "draft_kept",
        npo_member.email,
        "[D-0001] 提案の下書きを保存しました",
    )
    [entry] = session.scalars(select(AuditEntry)).all()
    assert (entry.tag, entry.subject, entry.actor_id) == ("npo:proposal:create", "D-0001", npo_member.id)


def test_every_answer_that_is_saved_is_read_back(npo, npo_member):
    proposal = records.proposal(npo, needs=[], place_codes=[], fields=[])
    division = records.division()
    answers = {
        **service.answers_of(proposal),
        Question.FIELDS: [ActivityField.TOURISM, ActivityField.ENVIRONMENT],
        Question.PLACE_CODES: ["242012", "24:北勢"],
        Question.NEEDS: [Need(ResourceKind.MONEY, "教材", 1000, Unit.YEN), Need(ResourceKind.PLACE)],
        Question.DIVISION_IDS: [division.id],
        Question.OPEN_UNTIL_ON: date(2027, 1, 1),
        Question.OWN_FUNDS_YEN: None,
    }
    save(proposal, npo_member, answers, screen=tuple(Question))

    assert service.answers_of(proposal) == answers


@pytest.mark.parametrize("count", [0, 1, 5])
def test_needs_can_grow_shrink_and_change_places(npo, npo_member, count):
    proposal = records.proposal(npo)
    kinds = list(ResourceKind)[::-1][:count]
    save(proposal, npo_member, {Question.NEEDS: [Need(kind) for kind in kinds]}, screen=FOURTH)

    assert [(need.position, need.kind) for need in proposal.needs] == list(enumerate(kinds, start=1))


def test_saving_keeps_a_version_only_when_the_text_changed(npo, npo_member):
    proposal = records.proposal(npo)
    for title in ("一つ目", "一つ目", "二つ目"):
        save(proposal, npo_member, {Question.TITLE: title})

    assert version_numbers(proposal) == [1, 2]


def test_autosave_keeps_no_version_and_the_next_save_does(npo, npo_member):
    proposal = records.proposal(npo)
    save(proposal, npo_member, {Question.TITLE: "途中"}, how=service.autosave)
    assert (proposal.title, version_numbers(proposal)) == ("途中", [])

    save(proposal, npo_member, {Question.TITLE: "途中"})
    assert version_numbers(proposal) == [1]


def test_saving_nothing_new_leaves_the_record_as_it_was(npo, npo_member):
    proposal = records.proposal(npo)
    before = (proposal.version, proposal.saved_at)
    save(proposal, npo_member, {Question.TITLE: proposal.title}, opened_as="long ago", how=service.autosave)

    assert (proposal.version, proposal.saved_at) == before


def test_changing_only_the_needs_moves_the_record_on(npo, npo_member):
    proposal = records.proposal(npo)
    before = proposal.version
    save(proposal, npo_member, {Question.NEEDS: []}, screen=FOURTH)

    assert (proposal.version, proposal.saved_at) == (before + 1, AT)


def test_a_text_changed_by_somebody_else_meanwhile_is_a_conflict_and_keeps_theirs(npo, npo_member):
    proposal = records.proposal(npo)
    opened_as = service.version_of(proposal, FIRST)
    save(proposal, npo_member, {Question.AIM: "先の人"})

    with pytest.raises(EditConflict):
        save(proposal, npo_member, {Question.TITLE: "後の人"}, opened_as=opened_as)
    assert proposal.aim == "先の人"
    assert proposal.title == "放課後の学習支援を津市で広げる"


def test_two_people_in_different_sections_do_not_meet(npo, npo_member):
    proposal = records.proposal(npo)
    opened_as = service.version_of(proposal, FOURTH)
    save(proposal, npo_member, {Question.AIM: "先の人"})
    save(proposal, npo_member, {Question.BUDGET_YEN: 5}, screen=FOURTH, opened_as=opened_as)

    assert (proposal.aim, proposal.budget_yen) == ("先の人", 5)


@pytest.mark.parametrize("status", sorted(set(ProposalStatus) - {ProposalStatus.DRAFT, "returned-for-fix"}))
def test_a_text_that_was_handed_in_is_closed(npo, npo_member, status):
    proposal = records.proposal(npo, status=ProposalStatus(status))
    with pytest.raises(service.TextIsClosed):
        save(proposal, npo_member, {Question.TITLE: "あとから"})


def test_a_returned_text_may_be_changed(npo, npo_member):
    proposal = records.proposal(npo, status=ProposalStatus.RETURNED_FOR_FIX)
    save(proposal, npo_member, {Question.TITLE: "直した"})
    assert proposal.title == "直した"


def test_a_published_proposal_keeps_what_companies_must_see(npo, npo_member):
    proposal = records.proposal(npo, is_published=True)
    with pytest.raises(service.ProposalIncomplete) as refusal:
        save(proposal, npo_member, {Question.TITLE: ""})
    assert [missing.field for missing in refusal.value.missing] == [Question.TITLE]


def test_publishing_needs_a_title_an_issue_and_a_need(npo, npo_member):
    proposal = records.proposal(npo, title="", issue="", needs=[])
    with pytest.raises(service.ProposalIncomplete) as refusal, transaction():
        service.publish(proposal, actor=npo_member, at=AT)
    assert [missing.field for missing in refusal.value.missing] == [Question.TITLE, Question.ISSUE, Question.NEEDS]


def test_publishing_and_taking_back_are_written_down_once_each(npo, npo_member, session):
    proposal = records.proposal(npo)
    for verb in (service.publish, service.publish, service.unpublish, service.unpublish):
        with transaction():
            verb(proposal, actor=npo_member, at=AT)

    tags = session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)).all()
    assert tags == ["npo:proposal:publish", "npo:proposal:unpublish"]
    assert proposal.is_published is False


@pytest.mark.parametrize("status", [ProposalStatus.WITHDRAWN, ProposalStatus.INELIGIBLE])
def test_a_proposal_that_ended_cannot_be_published(npo, npo_member, status):
    proposal = records.proposal(npo, status=status, is_published=False)
    with pytest.raises(service.MayNotBePublished), transaction():
        service.publish(proposal, actor=npo_member, at=AT)


def test_the_number_names_the_fiscal_year_in_japan_and_stays_on_resubmission(npo):
    proposal = records.proposal(npo)
    new_year_in_japan = datetime(2027, 3, 31, 15, 0, tzinfo=UTC)
    with transaction():
        service.give_number(proposal, new_year_in_japan)
    with transaction():
        service.give_number(proposal, AT)

    assert (proposal.number, proposal.submitted_at) == ("R9-0001", new_year_in_japan)


def test_numbers_have_no_gaps_and_no_doubles_when_many_submit_at_once(app, npo):
    ids = [records.proposal(npo).id for _ in range(12)]
    db.session.rollback()

    def submit(proposal_id):
        with app.app_context(), transaction():
            service.give_number(db.session.get_one(Proposal, proposal_id), AT)

    threads = [threading.Thread(target=submit, args=(proposal_id,)) for proposal_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = sorted(db.session.scalars(select(Proposal.number)))
    assert numbers == [f"R8-{number:04d}" for number in range(1, 13)]


def test_a_refused_submission_uses_up_no_number(npo):
    first, second = records.proposal(npo), records.proposal(npo)
    with pytest.raises(RuntimeError, match="refused"), transaction():
        service.give_number(first, AT)
        raise RuntimeError("refused")
    with transaction():
        service.give_number(second, AT)

    assert (first.number, second.number) == (None, "R8-0001")


def test_an_incomplete_proposal_is_refused_with_each_missing_answer(npo):
    proposal = records.proposal(npo, goals="", budget_yen=None)
    with pytest.raises(service.ProposalIncomplete) as refusal:
        service.require_complete(proposal, at=clock.now())
    assert [missing.field for missing in refusal.value.missing] == [Question.GOALS, Question.BUDGET_YEN]


def test_the_search_text_holds_nothing_that_is_not_public(npo, npo_member):
    proposal = records.proposal(npo)
    save(proposal, npo_member, {Question.TITLE: "海ノゴミ", Question.EVIDENCE: "秘密の数字"})
    assert "海ノゴミ" in proposal.search_text
    assert "秘密" not in proposal.search_text
