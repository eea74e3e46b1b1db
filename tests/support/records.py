"""Make records for tests: each function stores one record and returns it."""

import csv
import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from matchmaker.accounts.models import Membership, StaffRole, User
from matchmaker.directory.models import Division, Municipality, Organisation, OrganisationField
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import clock
from matchmaker.foundation.database import db, next_number
from matchmaker.foundation.text import search_form
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest, InterestOffer, InterestRegion, InterestTheme
from matchmaker.interests.status import InterestStatus
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.status import IntroductionStatus
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit
from matchmaker.permissions.grants import Role
from matchmaker.proposals.models import Proposal, ProposalField, ProposalNeed, ProposalPlace
from matchmaker.proposals.status import CollaborationForm, ProposalStatus

SEEDS = Path(__file__).parents[2] / "seeds"
LONG_AGO = datetime(2026, 4, 1, tzinfo=UTC)
_serial = itertools.count(1)


def add_municipalities() -> None:
    """Mie's 29 municipalities, inside the caller's transaction."""
    with (SEEDS / "municipalities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            db.session.add(
                Municipality(
                    code=row["local_government_code"],
                    prefecture=Prefecture.MIE,
                    name=row["name"],
                    region=row["region"],
                    area=row["area"],
                )
            )


def _stored(row: Any) -> Any:
    with transaction():
        db.session.add(row)
    return row


def organisation(side: Side, *, name: str = "", is_verified: bool = True, **values: Any) -> Organisation:
    """A verified organisation in 津市."""
    serial = next(_serial)
    is_npo = side is Side.NPO
    defaults = {
        "legal_form": LegalForm.NPO if is_npo else LegalForm.COMPANY,
        "kana": "",
        "prefecture": Prefecture.MIE,
        "municipality_code": "242012",
        "description": "地域の子どもを支えています。" if is_npo else "三重県内で荷物を運んでいます。",
        "industry": None if is_npo else Industry.TRANSPORT,
        "contact_name": f"担当 {serial}",
        "contact_email": f"contact{serial}@example.jp",
        "contact_phone": "059-000-0000",
    }
    shown = name or f"団体{serial}"
    row = Organisation(
        number=f"O-{9000 + serial:04d}",
        side=side,
        name=shown,
        verification=Verification.VERIFIED if is_verified else Verification.WAITING,
        checked_at=LONG_AGO if is_verified else None,
        search_text=search_form(shown),
        created_at=LONG_AGO,
        field_rows=[OrganisationField(field=ActivityField.CHILDREN)] if is_npo else [],
        **(defaults | values),
    )
    return _stored(row)


def user(*, name: str = "", **values: Any) -> User:
    """A person whose address is confirmed. No password fits; sign in with ``tests.support.client.sign_in``."""
    serial = next(_serial)
    defaults = {"email": f"person{serial}@example.jp", "email_confirmed_at": LONG_AGO, "created_at": LONG_AGO}
    return _stored(User(name=name or f"人{serial}", password_hash="", **(defaults | values)))


def member(of: Organisation, *, name: str = "", **values: Any) -> User:
    """A person acting for an organisation."""
    person = user(name=name, **values)
    _stored(Membership(user_id=person.id, organisation_id=of.id, joined_at=LONG_AGO))
    return person


def division(name: str = "ダイバーシティ社会推進課", department: str = "環境生活部") -> Division:
    return _stored(Division(name=name, department=department, valid_from_on=date(2012, 4, 1)))


def staff(role: Role, *, name: str = "", **values: Any) -> User:
    """A person of the prefecture with one role."""
    person = user(name=name, **values)
    where = division(f"{name or '担当'}の課").id if role is Role.DIVISION else None
    _stored(StaffRole(user_id=person.id, role=role, division_id=where, granted_at=LONG_AGO))
    return person


def proposal(of: Organisation, *, status: ProposalStatus = ProposalStatus.DRAFT, **values: Any) -> Proposal:
    """A complete proposal; published and open unless it is a draft."""
    at = clock.now()
    is_draft = status is ProposalStatus.DRAFT
    defaults: dict[str, Any] = {
        "title": "放課後の学習支援を津市で広げる",
        "issue": "外国につながる子どもの学習支援が足りない。",
        "evidence": "市内の小学校で日本語指導が必要な児童が増えている。",
        "aim": "学びの場を続けられる形にする。",
        "beneficiaries": "外国につながる小学生 30人",
        "goals": "1年で30人が週1回通えるようにする。",
        "content": "週1回の教室を開く。",
        "schedule": "4月に準備、5月に開始。",
        "team": "職員2名とボランティア10名",
        "role_npo": "教室の運営",
        "role_prefecture": "広報と学校との調整",
        "role_municipality": "会場の提供",
        "role_company": "社員ボランティアと教材",
        "reason_together": "学校との調整は県と行うことで早く進む。",
        "budget_yen": 600_000,
        "own_funds_yen": 100_000,
        "budget_detail": "謝金 40万円、教材 20万円",
        "declares_no_politics_or_religion": True,
        "declares_no_organised_crime": True,
        "preferred_form": CollaborationForm.COMMITTEE,
        "starts_on": date(2027, 4, 1),
        "ends_on": date(2028, 3, 31),
        "open_until_on": None if is_draft else clock.today() + timedelta(days=180),
        "is_published": not is_draft,
        "submitted_at": None if is_draft else at,
    }
    chosen = defaults | values
    fields = chosen.pop("fields", [ActivityField.CHILDREN, ActivityField.SOCIAL_EDUCATION])
    place_codes = chosen.pop("place_codes", ["242012"])
    needs = chosen.pop(
        "needs",
        [(ResourceKind.PEOPLE, "学習を手伝う社員", 5, Unit.PEOPLE), (ResourceKind.GOODS, "教材と文具", None, None)],
    )
    with transaction():
        row = Proposal(
            draft_number=f"D-{next_number('draft'):04d}",
            number=None if is_draft else f"R8-{next_number('proposal-2026'):04d}",
            organisation_id=of.id,
            status=status,
            created_at=at,
            saved_at=at,
            search_text=search_form(f"{chosen['title']} {of.name} {chosen['issue']}"),
            field_rows=[ProposalField(field=field) for field in fields],
            place_rows=[ProposalPlace(place_code=code) for code in place_codes],
            needs=[
                ProposalNeed(position=position, kind=kind, detail=detail, amount=amount, unit=unit)
                for position, (kind, detail, amount, unit) in enumerate(needs, start=1)
            ],
            **chosen,
        )
        db.session.add(row)
    return row


def interest(of: Organisation, *, status: InterestStatus = InterestStatus.ACTIVE, **values: Any) -> Interest:
    """An active interest in education in Mie that offers people and goods."""
    at = clock.now()
    themes = values.pop("themes", [Theme.EDUCATION])
    place_codes = values.pop("place_codes", ["24"])
    offers = values.pop(
        "offers",
        [(ResourceKind.PEOPLE, "社員ボランティア", 10, Unit.PEOPLE), (ResourceKind.GOODS, "文具の在庫", None, None)],
    )
    defaults: dict[str, Any] = {
        "policy": "次の世代を支える活動に力を入れています。",
        "valid_until_on": clock.today() + timedelta(days=365),
        "activated_at": at,
    }
    with transaction():
        row = Interest(
            number=f"K-{next_number('interest'):04d}",
            organisation_id=of.id,
            status=status,
            created_at=at,
            saved_at=at,
            theme_rows=[InterestTheme(theme=theme) for theme in themes],
            region_rows=[InterestRegion(place_code=code) for code in place_codes],
            offers=[
                InterestOffer(position=position, kind=kind, detail=detail, amount=amount, unit=unit)
                for position, (kind, detail, amount, unit) in enumerate(offers, start=1)
            ],
            **(defaults | values),
        )
        db.session.add(row)
    return row


def introduction(of: Proposal, to: Interest, *, by: User, **values: Any) -> Introduction:
    """Two sides in talks, as the NPO asked for them."""
    at = clock.now()
    defaults: dict[str, Any] = {
        "status": IntroductionStatus.TALKING,
        "asked_by_side": Side.NPO,
        "asked_by_id": by.id,
        "asked_at": at,
        "answered_at": at,
        "message": "",
        "match": {},
    }
    return _stored(Introduction(proposal_id=of.id, interest_id=to.id, **(defaults | values)))
