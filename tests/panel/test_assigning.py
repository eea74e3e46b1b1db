"""The office gives proposals to judges: never to one with a tie, never over a change, never off without why."""

import pytest
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.proposals.recusal_models import Recusal, TieKind
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import panel, ties
from matchmaker.review.panel_models import PanelAssignment
from tests.support import records
from tests.support.panelling import assigned, declared, judge, scored


def give(proposals, wanted, office, *, seen=None, reason=""):
    with transaction():
        panel.assign(
            proposals,
            wanted,
            seen=panel.current_pairs(proposals) if seen is None else seen,
            reason=reason,
            due_on=None,
            actor=office,
            at=clock.now(),
        )


def test_a_new_judge_gets_one_mail_for_all_proposals_and_it_names_none(npo, judges, office):
    texts = [records.proposal(npo, status=ProposalStatus.ACCEPTED) for _one in range(2)]

    give(texts, {(judges[0].id, one.id) for one in texts}, office)

    [mail] = db.session.scalars(select(Notice)).all()
    assert (mail.kind, mail.to_email) == ("panel_assigned", judges[0].email)
    assert "2件" in mail.subject
    assert texts[0].title not in mail.body


def test_taking_a_judge_off_needs_a_reason_and_keeps_the_row(proposal, judges, office):
    assigned(proposal, judges[0], office=office)

    with pytest.raises(panel.EndNeedsReason):
        give([proposal], set(), office)
    give([proposal], set(), office, reason="任期が終わったため。")

    [row] = db.session.scalars(select(PanelAssignment)).all()
    assert (row.end_reason, row.ended_by_id) == ("任期が終わったため。", office.id)
    assert panel.find_for_judge(judges[0], proposal.number) is None


def test_a_judge_with_a_tie_is_refused_by_name(proposal, judges, office):
    with transaction():
        ties.enter_affiliation(
            judges[0], kind=TieKind.OFFICER, name="みえ子ども応援団", division=None, actor=office, at=clock.now()
        )

    with pytest.raises(panel.TiedJudge, match="委員 一さんは"):
        give([proposal], {(judges[0].id, proposal.id)}, office)


def test_saving_the_table_writes_known_ties_down_for_everybody(proposal, judges, office):
    with transaction():
        ties.enter_affiliation(
            judges[2], kind=TieKind.OFFICER, name="みえ子ども応援団", division=None, actor=office, at=clock.now()
        )

    give([proposal], {(judges[0].id, proposal.id)}, office)

    assert [row.user_id for row in db.session.scalars(select(Recusal))] == [judges[2].id]


def test_a_page_that_is_no_longer_true_changes_nothing(proposal, judges, office):
    assigned(proposal, judges[0], office=office)

    with pytest.raises(panel.AssignmentsMoved):
        give([proposal], {(judges[1].id, proposal.id)}, office, seen=set(), reason="外す")

    assert panel.current_pairs([proposal]) == {(judges[0].id, proposal.id)}


def test_a_second_click_on_save_changes_nothing_and_is_no_fault(proposal, judges, office):
    wanted = {(judges[0].id, proposal.id)}
    for _time in range(2):
        give([proposal], wanted, office, seen=set())

    assert panel.current_pairs([proposal]) == wanted
    assert len(db.session.scalars(select(Notice)).all()) == 1


def test_neither_a_stranger_nor_a_closed_proposal_is_given(npo, judges, office):
    adopted = records.proposal(npo, status=ProposalStatus.ADOPTED)

    with pytest.raises(panel.AssignmentsMoved):
        give([adopted], {(judges[0].id, adopted.id)}, office)
    with pytest.raises(panel.AssignmentsMoved):
        give([adopted], {(office.id, adopted.id)}, office)


def test_whoever_runs_the_review_or_decides_is_no_judge(proposal):
    insiders = [judge("兼任 一", Role.NPO_OFFICE), judge("兼任 二", Role.APPROVER), judge("兼任 三", Role.DIVISION)]

    assert [one.name for one in panel.list_judges()] == ["兼任 三"]
    assert len(insiders) == 3


def test_a_day_that_is_stated_becomes_the_day_of_all(proposal, judges, office):
    assigned(proposal, judges[0], office=office)
    with transaction():
        now = panel.current_pairs([proposal])
        panel.assign(
            [proposal],
            now | {(judges[1].id, proposal.id)},
            seen=now,
            reason="",
            due_on=clock.today(),
            actor=office,
            at=clock.now(),
        )

    assert {row.due_on for row in db.session.scalars(select(PanelAssignment))} == {clock.today()}


def test_a_recused_judge_is_not_taken_off_by_the_table(proposal, judges, office):
    [assignment] = assigned(proposal, judges[0], office=office)
    declared(assignment)
    scored(assignment, 4)
    with transaction():
        panel.office_recusal(proposal, judges[0], kind=TieKind.OTHER, words="元の同僚", actor=office, at=clock.now())

    give([proposal], {(judges[1].id, proposal.id)}, office)

    assert panel.current_pairs([proposal]) == {(judges[1].id, proposal.id)}
    assert db.session.get(PanelAssignment, assignment.id).ended_at is None


def test_progress_counts_sheets_of_those_who_judge(proposal, judges, office):
    rows = assigned(proposal, *judges, office=office)
    declared(*rows)
    scored(rows[0], 4)

    progress = panel.progress_of([proposal])[proposal.id]
    assert (progress.submitted, progress.judges, progress.is_complete) == (1, 3, False)
