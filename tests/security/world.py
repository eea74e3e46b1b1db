"""A small world in which every role, every state of a record and every secret occurs once."""

import io
from dataclasses import dataclass, field
from datetime import date, timedelta

from matchmaker.accounts import links, passwords
from matchmaker.accounts.models import OneTimeLinkKind, User
from matchmaker.attachments import service as attachments
from matchmaker.directory import places
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import Model, db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import round_closing
from matchmaker.interests.models import Interest
from matchmaker.interests.status import InterestStatus
from matchmaker.introductions import matches, saved_lists, saved_searches
from matchmaker.introductions import service as introductions
from matchmaker.introductions.alert_times import Frequency
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.status import DeclineReason
from matchmaker.permissions.grants import Role
from matchmaker.projects import (
    agreements,
    change_requests,
    delivery,
    meetings,
    money,
    reflection,
    report_round_pairs,
    working,
)
from matchmaker.projects import service as projects
from matchmaker.projects.delivery_terms import ReportKind, RequestKind
from matchmaker.projects.form_choice import FormAnswers, Procedure
from matchmaker.projects.meetings import MeetingFacts
from matchmaker.projects.models import Project
from matchmaker.projects.money_rules import InstalmentKind
from matchmaker.projects.reflection_questions import ReflectionStage
from matchmaker.projects.report_round_terms import PairVerdict
from matchmaker.projects.service import NamedPartner, ProjectFacts
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals import service as proposals
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from matchmaker.review import circulation, consultation, letters, panel_decisions, presentation, score_sheets
from matchmaker.review.call_models import Call, CallPhase
from matchmaker.review.circulation_models import AnswerCode
from matchmaker.review.consultation_models import Consultation
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.presentation_models import Asker, PresentationSlot
from matchmaker.review.presentation_times import Lengths
from matchmaker.review.workflow import Outcome
from tests.support import calling, panelling, records
from tests.support.databases import empty
from tests.support.files import PDF

PASSWORD = "canary-password-that-nobody-may-read"

CANARIES = {
    "contact of the company": ("金糸雀 花", "canary-contact@example.jp", "090-1111-2222", "津市金糸雀町1"),
    "contact of the other company": ("鶯 太郎", "warbler-contact@example.jp", "090-3333-4444", "津市鶯町2"),
    "contact of the NPO": ("雲雀 空", "lark-contact@example.jp", "090-5555-6666", "津市雲雀町3"),
    "unnamed company": ("カナリア商事",),
    "draft decision": ("起案の理由は金糸雀", "起案の次は金糸雀"),
    "private draft": ("見せない題名の金糸雀", "見せない課題の金糸雀"),
    "unpublished answers": ("公開しない根拠の金糸雀", "公開しない予算の金糸雀"),
    "asking message": ("紹介の依頼に金糸雀",),
    "talking message": ("話し合いの依頼に金糸雀", "話し合いの返事に金糸雀"),
    "declining words": ("見送りのことばに金糸雀",),
    "paused interest": ("休止中の方針の金糸雀",),
    "unconfirmed report": ("確認前の報告の金糸雀",),
    "waiting organisation": ("確認待ちの金糸雀の会",),
    "judged answers": ("審査中の根拠の金糸雀", "審査中の予算の金糸雀"),
    "score sheet": ("採点の理由に金糸雀",),
    "meeting of the panel": ("審査会の理由に金糸雀", "反対の意見に金糸雀"),
    "question before its release": ("公開前の質問に金糸雀",),
    "record of a talk": ("意見交換で話した金糸雀", "意見交換で合意した金糸雀"),
    "drafted call": ("公表前の募集の金糸雀",),
    "answer of a division": ("回付の返事に金糸雀",),
    "contact of a division": ("回付の連絡先に金糸雀",),
    "record of a working group": ("検討会の議事録の金糸雀", "協定の文書の金糸雀", "変更の申請の金糸雀"),
    "attached file": ("金糸雀の添付資料",),
    "address of a member": ("canary-member@example.jp",),
    "secret": (PASSWORD,),
}


@dataclass
class World:
    """Who acts (None: a visitor), and the records by their state."""

    people: dict[str, User | None]
    organisations: dict[str, Organisation]
    proposals: dict[str, Proposal] = field(default_factory=dict)
    interests: dict[str, Interest] = field(default_factory=dict)
    introductions: dict[str, Introduction] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    round_projects: list[str] = field(default_factory=list)
    """Numbers of one project of the year before, and of two of this year that look alike."""
    attachment_id: str = ""
    alert_id: int = 0
    saved_id: int = 0
    presentation_id: int = 0
    slot_id: int = 0
    note_id: int = 0
    calls: dict[str, Call] = field(default_factory=dict)
    consultations: dict[str, Consultation] = field(default_factory=dict)
    circulation_id: int = 0
    offered_id: int = 0
    record_id: int = 0
    tokens: list[str] = field(default_factory=list)


def build() -> World:
    """Empty the database and fill it. Needs an application context."""
    _empty()
    organisations = _organisations()
    world = World(_people(organisations), organisations)
    _proposals(world)
    _interests(world)
    _introductions(world)
    _projects(world)
    _panel(world)
    _calls(world)
    _circulation(world)
    _report_round(world)
    at, member = clock.now(), world.people["npo"]
    with transaction():
        search = saved_searches.sketch(member, None, {})
        saved_searches.save(search, threshold=None, frequency=Frequency.DAILY, weekday=None, at=at)
        world.alert_id = search.id
    made = saved_lists.capture(world.proposals["submitted"], on=clock.today())
    with transaction():
        world.saved_id = saved_lists.save(made, actor=member, at=at).id
    with transaction():
        world.tokens += [
            links.make(OneTimeLinkKind.RESET_PASSWORD, email=member.email, user_id=member.id, at=at),
            links.make(
                OneTimeLinkKind.INVITATION,
                email="invited@example.jp",
                organisation_id=organisations["npo"].id,
                at=at,
            ),
        ]
    return world


def _circulation(world: World) -> None:
    """The division was asked about the judged proposal, and has answered."""
    [comment], [contact] = CANARIES["answer of a division"], CANARIES["contact of a division"]
    division, proposal, at = world.people["division"], world.proposals["judged"], clock.now()
    question = circulation.Question(due_on=clock.today() + timedelta(days=14))
    with transaction():
        [asked] = circulation.send_further(proposal, [division.division], question, actor=world.people["office"], at=at)
    with transaction():
        said = circulation.Said(AnswerCode.CONDITIONAL, comment, contact)
        circulation.answer(asked, said, actor=division, at=at)
    world.circulation_id = asked.id


def _empty() -> None:
    db.session.rollback()
    with transaction():
        empty(db.session.connection(), Model.metadata.sorted_tables)
        records.add_municipalities()
    places.forget_loaded()


def _contact(key: str) -> dict[str, str]:
    person, email, phone, address = CANARIES[key]
    return {"contact_name": person, "contact_email": email, "contact_phone": phone, "address": address}


def _organisations() -> dict[str, Organisation]:
    [hidden_name], [waiting_name] = CANARIES["unnamed company"], CANARIES["waiting organisation"]
    return {
        "npo": records.organisation(Side.NPO, name="みえ子ども応援団", **_contact("contact of the NPO")),
        "npo_other": records.organisation(Side.NPO, name="伊勢湾の海を守る会"),
        "company": records.organisation(
            Side.COMPANY,
            name=f"{hidden_name}株式会社",
            description=f"{hidden_name}は荷物を運びます。",
            **_contact("contact of the company"),
        ),
        "company_other": records.organisation(
            Side.COMPANY, name="公開商会", **_contact("contact of the other company")
        ),
        "waiting": records.organisation(Side.NPO, name=waiting_name, is_verified=False),
    }


def _people(organisations: dict[str, Organisation]) -> dict[str, User | None]:
    [address] = CANARIES["address of a member"]
    members = {
        "npo": {"name": "会員 一", "email": address, "password_hash": passwords.hash_password(PASSWORD)},
        "npo_other": {},
        "waiting": {},
        "company": {},
        "company_other": {},
    }
    people: dict[str, User | None] = {"visitor": None}
    for key, values in members.items():
        people[key] = _member(organisations[key], **values)
    staff = {
        "office": Role.NPO_OFFICE,
        "division": Role.DIVISION,
        "panel": Role.PANEL,
        "approver": Role.APPROVER,
        "administrator": Role.ADMINISTRATOR,
        "coordinator": Role.COORDINATOR,
        "intermediary": Role.INTERMEDIARY,
    }
    for key, role in staff.items():
        people[key] = records.staff(role, name=f"県職員 {key}")
    people["suspended"] = _member(organisations["npo"], name="止められた人", suspended_at=clock.now())
    return people


def _member(of: Organisation, **values: object) -> User:
    person = records.member(of)
    with transaction():
        for name, value in values.items():
            setattr(person, name, value)
    return person


def _proposals(world: World) -> None:
    npo = world.organisations["npo"]
    title, issue = CANARIES["private draft"]
    evidence, budget = CANARIES["unpublished answers"]
    secret = {"evidence": evidence, "budget_detail": budget}
    statuses = {
        "submitted": ProposalStatus.SUBMITTED,
        "decision_drafted": ProposalStatus.DECISION_DRAFTED,
        "released": ProposalStatus.ADOPTED,
        "withdrawn": ProposalStatus.WITHDRAWN,
    }
    made = {
        "draft_private": records.proposal(npo, title=title, issue=issue, **secret),
        "draft_public": records.proposal(npo, is_published=True, **secret),
        **{key: records.proposal(npo, status=status, **secret) for key, status in statuses.items()},
        "judged": records.proposal(
            npo, status=ProposalStatus.CIRCULATED, **dict(zip(secret, CANARIES["judged answers"], strict=True))
        ),
        "waiting": records.proposal(world.organisations["waiting"], is_published=True),
    }
    world.proposals = made
    _decisions(world)
    [file_name] = CANARIES["attached file"]
    actor = world.people["npo"]
    with attachments.received(f"{file_name}.pdf", io.BytesIO(PDF)) as stored, transaction():
        attached = proposals.attach(made["draft_public"], stored, actor=actor, at=clock.now())
        world.attachment_id = attached.public_id


def _panel(world: World) -> None:
    """A judge without ties, a sheet that was handed in, a meeting, and a day of presentations that was published."""
    judged, office, at = world.proposals["judged"], world.people["office"], clock.now()
    [words], (reason, dissent) = CANARIES["score sheet"], CANARIES["meeting of the panel"]
    [question] = CANARIES["question before its release"]
    [assignment] = panelling.assigned(judged, world.people["panel"], office=office)
    panelling.declared(assignment)
    with transaction():
        sheet = panelling.given(judged, 4, reason=words)
        score_sheets.submit(assignment, sheet, comment="", opened_as=0, actor=assignment.judge, at=at)
    minutes = panelling.meeting(judged, assignment.judge, reason=reason, dissent=dissent)
    with transaction():
        panel_decisions.record(judged, minutes, seen=0, actor=office, at=at)
    with transaction():
        facts = presentation.DayFacts("公開プレゼンテーション", "津市", at, Lengths())
        day = presentation.plan(facts, actor=office, at=at)
        slot = PresentationSlot(proposal_id=judged.id, position=1)
        day.slots.append(slot)
        presentation.publish(day, actor=office, at=at)
        note = presentation.note_question(
            slot, asked_by=Asker.FLOOR, asker="", question=question, answer="", actor=office, at=at
        )
        world.presentation_id, world.slot_id, world.note_id = day.id, slot.id, note.id


def _decisions(world: World) -> None:
    reason, next_step = CANARIES["draft decision"]
    office, approver, at = world.people["office"], world.people["approver"], clock.now()
    with transaction():
        drafted = Decision(
            proposal_id=world.proposals["decision_drafted"].id,
            stage=DecisionStage.DRAFTED,
            outcome=Outcome.REJECT,
            reason=reason,
            next_step=next_step,
            drafted_by_id=office.id,
            drafted_at=at,
        )
        released = Decision(
            proposal_id=world.proposals["released"].id,
            stage=DecisionStage.RELEASED,
            outcome=Outcome.ADOPT,
            reason="公表した理由です。",
            drafted_by_id=office.id,
            drafted_at=at,
            decided_by_id=approver.id,
            decided_at=at,
            released_at=at,
        )
        db.session.add_all([drafted, released])
        db.session.flush()
        letters.compose(drafted, at=at)
        letters.compose(released, at=at)
        letters.send(released, at=at)


def _interests(world: World) -> None:
    company, other = world.organisations["company"], world.organisations["company_other"]
    [name], [policy] = CANARIES["unnamed company"], CANARIES["paused interest"]
    world.interests = {
        "named": records.interest(other, shows_name=True),
        "unnamed": records.interest(company, policy=f"{name}の方針です。"),
        "paused": records.interest(company, policy=policy, status=InterestStatus.PAUSED),
    }


def _calls(world: World) -> None:
    """A call that is open and one that nobody but the office sees, each with a theme; a talk with its record."""
    office, member, at = world.people["office"], world.people["npo"], clock.now()
    [title], (said, agreed) = CANARIES["drafted call"], CANARIES["record of a talk"]
    world.calls = {
        "open": calling.theme_call(office, CallPhase.OPEN),
        "drafted": calling.theme_call(office, CallPhase.DRAFT, title=title),
    }
    wanted = consultation.Offered(at + timedelta(days=3), 60, 2, "県庁6階", False, 5)
    with transaction():
        taken, free = consultation.offer(wanted, actor=office, at=at)
    with transaction():
        talk = consultation.book(taken, proposal=None, subject="学校との連携", actor=member, at=at)
        note = consultation.note(talk, attendees="", said=said, agreed=agreed, actor=office, at=at)
    world.consultations, world.offered_id, world.record_id = {"booked": talk}, free.id, note.id


def _introductions(world: World) -> None:
    [asking], [words] = CANARIES["asking message"], CANARIES["declining words"]
    talking, answer = CANARIES["talking message"]
    world.introductions = {
        "asked": _asked(world, "submitted", "unnamed", asking),
        "talking": _asked(world, "draft_public", "named", talking),
        "declined": _asked(world, "decision_drafted", "unnamed", "依頼します。"),
    }
    at = clock.now()
    with transaction():
        accepting = world.introductions["talking"]
        introductions.accept(accepting, answer=answer, actor=world.people["company_other"], at=at)
    with transaction():
        introductions.decline(
            world.introductions["declined"],
            reason=next(iter(DeclineReason)),
            words=words,
            actor=world.people["company"],
            at=at,
        )


def _asked(world: World, proposal_key: str, interest_key: str, message: str) -> Introduction:
    proposal, interest = world.proposals[proposal_key], world.interests[interest_key]
    match = matches.explain(proposal, interest, on=clock.today())
    actor, at = world.people["npo"], clock.now()
    with transaction():
        return introductions.ask(proposal, interest, message=message, match=match, actor=actor, at=at)


def _projects(world: World) -> None:
    [title] = CANARIES["unconfirmed report"]
    world.projects = {
        "reported": _reported(world, title),
        "confirmed": _reported(world, "確認ずみの事業"),
    }
    with transaction():
        projects.confirm(world.projects["confirmed"], actor=world.people["office"], at=clock.now())
    with transaction():
        due_on = clock.today() + timedelta(days=14)
        reflection.begin(
            world.projects["confirmed"],
            ReflectionStage.MIDTERM,
            due_on=due_on,
            actor=world.people["office"],
            at=clock.now(),
        )
    with transaction():
        released, approver = world.proposals["released"], world.people["approver"]
        world.projects["born"] = projects.open_from(released, actor=approver, at=clock.now())
    _at_work(world.projects["born"], member=world.people["npo"], office=world.people["office"])


def _at_work(project: Project, *, member: User, office: User) -> None:
    """One record of each kind that a project at work has."""
    minutes, text, request = CANARIES["record of a working group"]
    at, today = clock.now(), clock.today()
    meeting = MeetingFacts(today, "", "", "決める", is_public=False, minutes=minutes)
    answers = FormAnswers(CollaborationForm.COMMITTEE, False, False, Procedure.NONE, "費用がないため。")
    draft = agreements.Draft(text, today, today + timedelta(days=300))
    with transaction():
        meetings.plan(project, meeting, actor=member, at=at)
        working.choose_form(project, answers, actor=member, at=at)
        agreements.write(project, draft, based_on=0, actor=member, at=at)
        delivery.ask_for_report(project, ReportKind.PROGRESS, today + timedelta(days=30), actor=office, at=at)
        change_requests.ask(project, RequestKind.CHANGE, what=request, reason="雨のため。", actor=member, at=at)
    given = money.Amount(500_000, over_reason="予算額が登録されていないため。")
    with transaction():
        share = money.allocate(project, "架空の予算の事業", 2026, given, actor=office, at=at)
        money.plan_instalment(project, share, InstalmentKind.ADVANCE, today, given, actor=office, at=at)


def _report_round(world: World) -> None:
    """A round is open; two reports were said to be different, two others wait for that, and two were made one."""
    office, year = world.people["office"], timedelta(days=365)
    last_year = _reported(world, "前の年度の事業", partner="川の会", starts_on=clock.today() - year)
    twins = [_reported(world, title, partner="海の会") for title in ("ふたごの事業", "ふたごの・事業")]
    merged = [_reported(world, title, partner="山の会") for title in ("まとめた事業", "まとめた・事業")]
    world.round_projects = [row.number for row in (last_year, *twins, *merged)]
    with transaction():
        projects.confirm(last_year, actor=office, at=clock.now())
        due_on = clock.today() + timedelta(days=30)
        opened = round_closing.open_round(2026, due_on=due_on, note="", actor=office, at=clock.now())
    reported = [world.projects["reported"], world.projects["confirmed"]]
    for (first, second), verdict in ((reported, PairVerdict.DIFFERENT), (merged, PairVerdict.SAME)):
        pair = report_round_pairs.find_pair(2026, first.number, second.number)
        seen = (first.version, second.version)
        with transaction():
            report_round_pairs.decide(opened, pair, verdict, seen=seen, reason="場所。", actor=office, at=clock.now())


def _reported(world: World, title: str, *, partner: str = "里山の会", starts_on: date | None = None) -> Project:
    reporter, today = world.people["division"], clock.today()
    facts = ProjectFacts(
        title=title,
        summary="竹林を手入れする。",
        partners=[NamedPartner(PartnerKind.NPO, partner)],
        division_ids=[reporter.division.id],
        starts_on=starts_on or today,
        ends_on=starts_on + timedelta(days=30) if starts_on else today + timedelta(days=300),
    )
    with transaction():
        return projects.report(
            facts, form=CollaborationForm.SUBSIDY, form_agreed_on=today, actor=reporter, at=clock.now()
        )
