"""Ties are read from the records, declared before the text, and end a judge's part without losing what they wrote."""

from datetime import date

import pytest
from sqlalchemy import select

from matchmaker.accounts.models import Membership
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.recusal_models import Recusal, RecusalSource, TieKind
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from matchmaker.review import panel, ties
from matchmaker.review.panel_models import TieDeclaration
from tests.support import records
from tests.support.panelling import assigned, declared, judge, scored
from tests.support.queries import counted_queries


def project(
    *partners, divisions=(), form=CollaborationForm.COMMISSION, status=ProjectStatus.COMPLETED, number="R8-P900"
):
    """A project of the named partners; an organisation stands for itself, a text for a name typed in a report."""
    rows = [
        ProjectPartner(kind=PartnerKind.NPO, name=one if isinstance(one, str) else one.name)
        if isinstance(one, str)
        else ProjectPartner(kind=PartnerKind.NPO, name=one.name, organisation_id=one.id)
        for one in partners
    ]
    with transaction():
        row = Project(
            number=number,
            title="里山の手入れ",
            status=status,
            form=form,
            form_agreed_on=date(2015, 4, 1) if form else None,
            starts_on=date(2015, 4, 1),
            ends_on=date(2016, 3, 31),
            partners=rows,
            divisions=list(divisions),
            created_at=clock.now(),
        )
        db.session.add(row)
    return row


def kinds(person, proposal):
    return [tie.kind for tie in ties.computed([person], [proposal]).get((person.id, proposal.id), [])]


def affiliated(person, office, *, kind=TieKind.EMPLOYER, name="", division=None):
    with transaction():
        return ties.enter_affiliation(person, kind=kind, name=name, division=division, actor=office, at=clock.now())


def test_a_stranger_has_no_tie(proposal, judges):
    assert ties.computed(judges, [proposal]) == {}


@pytest.mark.parametrize("has_ended", [False, True])
def test_a_member_of_the_proposer_is_tied_also_after_leaving(proposal, judges, npo, has_ended):
    with transaction():
        db.session.add(
            Membership(
                user_id=judges[0].id,
                organisation_id=npo.id,
                joined_at=records.LONG_AGO,
                ended_at=records.LONG_AGO if has_ended else None,
            )
        )
    db.session.expire_all()

    assert kinds(judges[0], proposal) == [TieKind.OFFICER]


def test_whoever_works_for_the_proposer_is_tied_by_its_name(proposal, judges, office, npo):
    affiliated(judges[0], office, name="みえ子ども応援団")

    assert kinds(judges[0], proposal) == [TieKind.EMPLOYER]
    assert ties.list_affiliations(judges)[judges[0].id][0].organisation_id == npo.id


def test_an_affiliation_that_is_over_ties_nobody(proposal, judges, office):
    row = affiliated(judges[0], office, name="みえ子ども応援団")
    with transaction():
        ties.end_affiliation(row, actor=office, at=clock.now())

    assert kinds(judges[0], proposal) == []


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        (CollaborationForm.COMMISSION, TieKind.FUNDING),
        (CollaborationForm.SUBSIDY, TieKind.FUNDING),
        (CollaborationForm.COST_SHARE, TieKind.FUNDING),
        (CollaborationForm.CO_HOSTING, TieKind.JOINT_PROJECT),
        (CollaborationForm.COMMITTEE, TieKind.JOINT_PROJECT),
    ],
)
def test_the_judges_division_is_tied_by_old_projects_with_the_proposer(proposal, npo, form, kind):
    insider = judge("県の委員", Role.DIVISION)
    project(npo, divisions=[insider.division], form=form)

    assert kinds(insider, proposal) == [kind]


def test_a_project_known_by_name_only_ties_as_well(proposal, npo):
    insider = judge("県の委員", Role.DIVISION)
    project("みえ子ども応援団", divisions=[insider.division])

    assert kinds(insider, proposal) == [TieKind.FUNDING]


def test_the_judges_organisation_is_tied_by_a_joint_project(proposal, npo, judges, office):
    university = records.organisation(Side.NPO, name="三重の大学")
    affiliated(judges[0], office, name="三重の大学")
    project(npo, university, form=CollaborationForm.COMMITTEE)

    assert (kinds(judges[0], proposal), kinds(judges[1], proposal)) == ([TieKind.JOINT_PROJECT], [])


def test_a_refused_report_and_a_project_of_others_tie_nobody(proposal, npo, other_npo):
    insider = judge("県の委員", Role.DIVISION)
    project(npo, divisions=[insider.division], status=ProjectStatus.REFUSED)
    project(other_npo, divisions=[insider.division], number="R8-P901")

    assert kinds(insider, proposal) == []


def test_ties_of_many_are_read_in_a_fixed_number_of_queries(npo, other_npo, office):
    counts = []
    for of in (npo, other_npo):
        records.proposal(of, status=ProposalStatus.ACCEPTED)
        project(of, divisions=[judge("県の委員", Role.DIVISION).division], number=f"R8-P90{len(counts)}")
        db.session.expire_all()
        with counted_queries() as sent:
            found = ties.computed(panel.list_judges(), panel.list_judged(office, None))
        counts.append((len(found), len(sent)))

    assert [count for count, _queries in counts] == [1, 2]
    assert counts[0][1] == counts[1][1]


def test_no_tie_is_a_signed_statement_on_record(proposal, judges, office):
    [assignment] = assigned(proposal, judges[0], office=office)
    declared(assignment)

    [row] = db.session.scalars(select(TieDeclaration)).all()
    assert (row.has_tie, row.kind, row.words) == (False, None, "")
    assert row.statement.startswith("私（委員 一）は、提案 ")
    assert "放課後の学習支援を津市で広げる" in row.statement
    assert panel.find_for_judge(judges[0], proposal.number).has_declared


def test_a_declared_tie_ends_the_judges_part_and_tells_the_office(proposal, judges, office):
    [assignment] = assigned(proposal, judges[0], office=office)
    with transaction():
        ties.declare(assignment, kind=TieKind.FAMILY, words="妹が理事です。", actor=judges[0], at=clock.now())

    [recusal] = db.session.scalars(select(Recusal)).all()
    assert (recusal.source, recusal.kind, recusal.reason) == (RecusalSource.DECLARED, TieKind.FAMILY, "妹が理事です。")
    assert panel.find_for_judge(judges[0], proposal.number) is None
    mails = db.session.scalars(select(Notice).where(Notice.kind == "panel_recused")).all()
    assert [mail.to_email for mail in mails] == [office.email]
    assert "放課後" not in mails[0].subject + mails[0].body


@pytest.mark.parametrize("words", ["", " \n　"])
def test_a_tie_without_words_is_refused(proposal, judges, office, words):
    [assignment] = assigned(proposal, judges[0], office=office)

    with pytest.raises(ties.TieNeedsWords), transaction():
        ties.declare(assignment, kind=TieKind.OTHER, words=words, actor=judges[0], at=clock.now())

    assert db.session.scalars(select(TieDeclaration)).all() == []


def test_what_the_records_show_outweighs_the_judges_own_no(proposal, judges, office):
    [assignment] = assigned(proposal, judges[0], office=office)
    affiliated(judges[0], office, name="みえ子ども応援団")
    declared(assignment)

    [recusal] = db.session.scalars(select(Recusal)).all()
    assert (recusal.source, recusal.kind, recusal.recused_by_id) == (RecusalSource.COMPUTED, TieKind.EMPLOYER, None)


def test_a_tie_that_appears_later_closes_the_text_before_anybody_writes_it_down(proposal, judges, office):
    [assignment] = assigned(proposal, judges[0], office=office)
    declared(assignment)
    affiliated(judges[0], office, name="みえ子ども応援団")

    assert panel.find_for_judge(judges[0], proposal.number) is None
    assert [line.is_recused for line in panel.list_own(judges[0])] == [True]


def test_a_judge_recused_after_scoring_keeps_the_sheet_and_loses_the_figures(proposal, judges, office):
    first, second = assigned(proposal, judges[0], judges[1], office=office)
    declared(first, second)
    scored(first, 5), scored(second, 3)
    with transaction():
        panel.office_recusal(
            proposal, judges[0], kind=TieKind.RIVAL, words="競合する団体の顧問でした。", actor=office, at=clock.now()
        )
    db.session.expire_all()

    view = panel.view_of(proposal)
    assert [sheet.assignment.judge.name for sheet in view.counting] == ["委員 二"]
    [line] = [line for line in view.lines if line.assignment.judge_id == judges[0].id]
    assert (len(line.sheets), line.counting, line.recusal.kind) == (1, None, TieKind.RIVAL)
    assert line.sheets[0].exclude_reason == (
        "利害関係（競合する団体・事業にかかわっている）がわかったため、集計から外しました。"
    )
    assert (view.progress.submitted, view.progress.judges) == (1, 1)


def test_a_recusal_by_mistake_is_lifted_with_a_reason_and_the_sheet_counts_again(proposal, judges, office):
    [assignment] = assigned(proposal, judges[0], office=office)
    declared(assignment)
    scored(assignment, 4)
    with transaction():
        recusal = panel.office_recusal(
            proposal, judges[0], kind=TieKind.OTHER, words="人ちがいでした。", actor=office, at=clock.now()
        )
    with pytest.raises(ties.TieNeedsWords), transaction():
        ties.lift(recusal, reason=" ", actor=office, at=clock.now())
    with transaction():
        ties.lift(recusal, reason="同姓の別の人でした。", actor=office, at=clock.now())
    db.session.expire_all()

    assert panel.find_for_judge(judges[0], proposal.number) is not None
    assert len(panel.view_of(proposal).counting) == 1
    with pytest.raises(ties.RecusalOver), transaction():
        ties.lift(recusal, reason="もう一度", actor=office, at=clock.now())


def test_a_recusal_is_not_lifted_while_the_records_show_the_tie(proposal, judges, office):
    affiliated(judges[0], office, name="みえ子ども応援団")
    with transaction():
        assert panel.check_ties(judges, at=clock.now()) == 1
    [recusal] = db.session.scalars(select(Recusal)).all()

    with pytest.raises(ties.TieStands, match="もとの記録"), transaction():
        ties.lift(recusal, reason="だいじょうぶ", actor=office, at=clock.now())


def test_looking_twice_recuses_once(proposal, judges, office):
    affiliated(judges[0], office, name="みえ子ども応援団")
    for _time in range(2):
        with transaction():
            panel.check_ties(judges, at=clock.now())

    assert len(db.session.scalars(select(Recusal)).all()) == 1
