"""Two projects at work in the demonstration: one writes its agreement, the other runs. Everything is invented."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Role
from matchmaker.projects import agreements, change_requests, delivery, meetings, queries, working
from matchmaker.projects.delivery import MilestoneLine
from matchmaker.projects.delivery_terms import ReportKind, RequestKind
from matchmaker.projects.form_choice import FormAnswers, Procedure
from matchmaker.projects.meetings import MeetingFacts
from matchmaker.projects.models import Project
from matchmaker.projects.parties import parties_for
from matchmaker.projects.working import TaskLine
from matchmaker.proposals.status import CollaborationForm
from matchmaker.seeding.journeys import Journeys

WRITING, RUNNING = "woods", "災害時の物資輸送に関する協定（架空）"
"""The key of the adopted proposal whose project writes its agreement, and the title of the project that runs."""


def add_delivery(journeys: Journeys) -> None:
    """Store what the two projects left on record so far."""
    adopted = queries.find_of(journeys.proposals[WRITING])
    running = db.session.scalar(select(Project).where(Project.title == RUNNING))
    if adopted is None or running is None:
        raise ValueError("the projects of the demonstration are loaded before what they left on record")
    _meet(adopted, journeys)
    _agree(adopted, journeys)
    _run(running, journeys)


def _meet(project: Project, journeys: Journeys) -> None:
    npo, today = journeys.users[Role.NPO], day_of(journeys.at)
    place = "みえ県民交流センター（架空の予定）"
    first = MeetingFacts(
        held_on=today - timedelta(days=12),
        begins="13:30",
        place=place,
        purpose="おたがいの現状と、この事業の目的を知る",
        is_public=True,
        minutes="（架空の例）県の担当課とNPOが、これまでの活動と困りごとを出し合った。\n次回までに、役割分担の案をNPOがつくる。",
        attendance={party.key: "代表、担当者" for party in parties_for(npo, project)},
    )
    held = meetings.plan(project, replace(first, minutes=""), actor=npo, at=journeys.at - timedelta(days=15))
    db.session.flush()
    meetings.change(project, held, first, version=held.version, actor=npo, at=journeys.at - timedelta(days=11))
    rainy = MeetingFacts(today - timedelta(days=6), "10:00", "現地（架空）", "山の現場を見る", is_public=False)
    cancelled = meetings.plan(project, rainy, actor=npo, at=journeys.at - timedelta(days=10))
    db.session.flush()
    reason = "（架空の例）大雨の予報のため。"
    meetings.cancel(project, cancelled, reason=reason, actor=npo, at=journeys.at - timedelta(days=7))
    following = MeetingFacts(today + timedelta(days=6), "13:30", place, "役割と費用を決める", is_public=True)
    meetings.plan(project, following, actor=npo, at=journeys.at - timedelta(days=5))


def _agree(project: Project, journeys: Journeys) -> None:
    npo, division, at = journeys.users[Role.NPO], journeys.users[Role.DIVISION], journeys.at - timedelta(days=4)
    lines = [
        TaskLine("企画と参加者の募集", npo="企画、申しこみの受付", prefecture="県の広報紙での案内"),
        TaskLine("山の手入れの指導", npo="講師の手配", company="道具の貸し出し"),
        TaskLine("安全の管理", npo="当日の管理", prefecture="森林の所有者との調整", municipality="消防との連絡"),
    ]
    working.divide_work(project, lines, actor=npo, at=at)
    grounds = "（架空の例）県の新しい費用はなく、いっしょに計画し、いっしょに運営するため。"
    answers = FormAnswers(CollaborationForm.AGREEMENT, False, False, Procedure.NONE, grounds)
    working.choose_form(project, answers, actor=division, at=at)
    _write(project, npo, journeys, "")
    _write(project, division, journeys, "費用の分担を、話し合って決めることにした")
    own = parties_for(npo, project)[0].key
    agreements.sign(
        project,
        number=2,
        key=own,
        signer=npo.name,
        title="理事長",
        signed_on=day_of(journeys.at - timedelta(days=2)),
        actor=npo,
        at=journeys.at - timedelta(days=2),
    )


def _write(project: Project, actor: User, journeys: Journeys, note: str) -> None:
    today = day_of(journeys.at)
    starts_on, ends_on = project.starts_on or today, project.ends_on or today
    text = agreements.first_draft(project, CollaborationForm.AGREEMENT.label, starts_on, ends_on)
    if note:
        text = text.replace("費用の分担と支払いは、当事者が話し合って決める。", "費用は、当事者が話し合って分担する。")
    newest = agreements.newest_version(project)
    draft = agreements.Draft(text, starts_on, ends_on, note)
    agreements.write(
        project,
        draft,
        based_on=newest.number if newest else 0,
        actor=actor,
        at=journeys.at - timedelta(days=4 if not newest else 3),
    )
    db.session.flush()


def _run(project: Project, journeys: Journeys) -> None:
    office, company = journeys.users[Role.NPO_OFFICE], journeys.users[Role.COMPANY]
    today, at = day_of(journeys.at), journeys.at - timedelta(days=8)
    reached = today - timedelta(days=3)
    milestones = [
        MilestoneLine("連絡網と物資の一覧をつくる（架空）", reached, reached_on=reached),
        MilestoneLine("合同の訓練を行う（架空）", today + timedelta(days=60)),
    ]
    delivery.set_milestones(project, milestones, actor=office, at=journeys.at - timedelta(days=2))
    due_on = today + timedelta(days=9)
    delivery.ask_for_report(project, ReportKind.PROGRESS, due_on, actor=office, at=at)
    change_requests.ask(
        project,
        RequestKind.CHANGE,
        what="（架空の例）訓練の日を、2か月おくらせたい。",
        reason="（架空の例）倉庫の移転と重なるため。",
        actor=company,
        at=journeys.at - timedelta(days=1),
    )
