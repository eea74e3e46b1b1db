"""Promised response times of every party, the prefecture included: data with dates, in business days.

A promise holds for what begins to wait while it is valid; a later change never shortens a wait that has begun. Where
the office has set nothing, the product's own numbers hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from sqlalchemy import func, select

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.audit import service as audit
from matchmaker.foundation.business_days import add_business_days, business_days_between
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.matching.terms import Term
from matchmaker.review.promise_models import Promise


class PromiseParty(Term):
    """Who is waited for."""

    OFFICE = "office", "NPO担当課"
    DIVISION = "division", "関係課"
    PANEL = "panel", "審査委員"
    APPROVER = "approver", "決裁者"
    PROPOSER = "proposer", "提案した団体"
    COMPANY = "company", "紹介の依頼を受けた企業・団体"
    PARTNERS = "partners", "協働事業の当事者"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the product promises for a kind before the office says otherwise.

    ``if_nothing`` says what happens when nobody acts; ``release_days`` is set where the wait ends by itself.
    """

    party: PromiseParty
    business_days: int
    if_nothing: str
    release_days: int | None = None


_OFFICE = "提案した団体は待ち続けます。"

STANDING: dict[WaitingKind, Standing] = {
    WaitingKind.SCREENING: Standing(PromiseParty.OFFICE, 10, _OFFICE),
    WaitingKind.CIRCULATING: Standing(PromiseParty.OFFICE, 5, _OFFICE),
    WaitingKind.CIRCULATION: Standing(
        PromiseParty.DIVISION,
        10,
        "期限を過ぎると「停滞」と記録され、提案した団体に、課の名前と待っている日数が見えます。返事のないまま審査が進むことがあります。",
    ),
    WaitingKind.ASSESSING: Standing(PromiseParty.OFFICE, 20, _OFFICE),
    WaitingKind.SCORING: Standing(PromiseParty.PANEL, 10, "あなたの採点のないまま、審査会が開かれます。"),
    WaitingKind.DECIDING: Standing(PromiseParty.APPROVER, 5, _OFFICE),
    WaitingKind.RELEASING: Standing(PromiseParty.APPROVER, 5, "決まった結果が、提案した団体に伝わりません。"),
    WaitingKind.RECONSIDERATION: Standing(PromiseParty.OFFICE, 20, _OFFICE),
    WaitingKind.CONSULTATION: Standing(PromiseParty.OFFICE, 5, _OFFICE),
    WaitingKind.DISCLOSURE: Standing(PromiseParty.OFFICE, 10, "請求した人は待ち続けます。"),
    WaitingKind.VERIFICATION: Standing(PromiseParty.OFFICE, 5, "団体の提案や関心は、公開されないままです。"),
    WaitingKind.REPORT_CONFIRMATION: Standing(PromiseParty.OFFICE, 10, "事業は、指標の数に入らないままです。"),
    WaitingKind.DIVISION_REPORT: Standing(
        PromiseParty.DIVISION, 20, "課の事業が、指標の数に入らないことがあります。課の名前は、未提出として残ります。"
    ),
    WaitingKind.PROXY_LIST: Standing(
        PromiseParty.DIVISION, 10, "「課の確認なし」と記録されたまま、年度の取りまとめが締め切られます。"
    ),
    WaitingKind.REPORT_ROUND: Standing(PromiseParty.OFFICE, 60, "年度の数が確定しないままです。"),
    WaitingKind.FIGURE_APPROVAL: Standing(PromiseParty.APPROVER, 5, "入力された数値は公開されず、指標は前のままです。"),
    WaitingKind.PROGRESS_APPROVAL: Standing(PromiseParty.APPROVER, 5, "進展度と判断理由は公開されません。"),
    WaitingKind.RULE_ADOPTION: Standing(PromiseParty.APPROVER, 10, "次に数えるときも、いまの数え方を使います。"),
    WaitingKind.FORM_AGREEMENT: Standing(PromiseParty.OFFICE, 60, "事業は、指標の数に入らないままです。"),
    WaitingKind.FIXING: Standing(
        PromiseParty.PROPOSER,
        10,
        "提案の手続きは休止になります。入力した内容は残り、事務局に連絡すると再開できます。",
        release_days=5,
    ),
    WaitingKind.PROXY_CONFIRMATION: Standing(PromiseParty.PROPOSER, 10, "代理で入力された提案は、提出されません。"),
    WaitingKind.INTRODUCTION: Standing(PromiseParty.COMPANY, 10, "依頼した相手は待ち続けます。"),
    WaitingKind.PROJECT_REPORT: Standing(PromiseParty.PARTNERS, 10, "事業の今のようすが、ほかの当事者に伝わりません。"),
    WaitingKind.SIGN_OFF: Standing(PromiseParty.PARTNERS, 10, "協定や計画は、まだ決まっていないものとして扱います。"),
    WaitingKind.REPORT_CHECK: Standing(PromiseParty.DIVISION, 10, "報告は受理されず、事業の完了を確定できません。"),
    WaitingKind.CHANGE_REQUEST: Standing(
        PromiseParty.PARTNERS, 10, "申請した側は、変えることも中止することもできずに待ち続けます。"
    ),
    WaitingKind.STANDSTILL: Standing(
        PromiseParty.PARTNERS, 10, "事業は停滞したままで、だれをいつから待っているかが公開されます。"
    ),
    WaitingKind.CONTRACTING: Standing(PromiseParty.DIVISION, 20, "事業の実施を始められません。"),
    WaitingKind.MINUTES: Standing(PromiseParty.PARTNERS, 10, "話し合ったことが記録に残りません。"),
    WaitingKind.REFLECTION: Standing(PromiseParty.PARTNERS, 10, "相手のシートも開かれず、ふりかえりが始まりません。"),
    WaitingKind.REFLECTION_SUMMARY: Standing(
        PromiseParty.PARTNERS, 20, "ふりかえりが公開されず、次の提案に生かされません。"
    ),
    WaitingKind.REFLECTION_CONSENT: Standing(PromiseParty.PARTNERS, 10, "ふりかえりのまとめが公開されません。"),
}
"""The product's own numbers. Source: the pace of the Mie process (2003: 16 days from the end of the call to the public
review; 2011: six weeks to the final presentation), divided over the steps; they are proposals for the office to change.
"""

if missing := set(WaitingKind) - set(STANDING):
    raise RuntimeError(f"no promise for {missing}")


class NotFromThePast(DomainError):
    """A promise must not change what has begun to wait."""

    def __init__(self) -> None:
        super().__init__(
            _("いつから使うかは、明日より後の日にしてください。すでに待っている人との約束は変えられません。")
        )


@dataclass(frozen=True, slots=True)
class PromiseInForce:
    """The promise of a kind on one day. ``version`` is 0 while the product's own numbers hold."""

    kind: WaitingKind
    business_days: int
    release_days: int | None
    version: int = 0

    @property
    def standing(self) -> Standing:
        return STANDING[self.kind]

    @property
    def party(self) -> PromiseParty:
        return self.standing.party


@dataclass(frozen=True, slots=True)
class Terms:
    """What the office promises: how many business days, from which day on, and why."""

    business_days: int
    valid_from_on: date
    reason: str
    release_days: int | None = None


class Promises:
    """All promises, read once; asked for many waiting things."""

    def __init__(self, rows: Iterable[Promise]) -> None:
        self._rows = sorted(rows, key=lambda row: (row.valid_from_on, row.id), reverse=True)

    @classmethod
    def load(cls) -> Self:
        """Read the promises from the database, in one query."""
        return cls(db.session.scalars(select(Promise)).unique())

    def of(self, kind: WaitingKind, on: date) -> PromiseInForce:
        """Return the promise for what begins to wait on a day."""
        for row in self._rows:
            if row.kind is kind and row.valid_from_on <= on:
                return PromiseInForce(kind, row.business_days, row.release_days, row.id)
        return PromiseInForce(kind, STANDING[kind].business_days, STANDING[kind].release_days)

    def due_on(self, item: WaitingItem) -> date:
        """Return the last day for an answer: the day set for the item, or the promised business days after it came."""
        return item.due_on or self.due_after(item.kind, item.since)

    def due_after(self, kind: WaitingKind, since: datetime) -> date:
        """Return the last day for an answer to what came at a moment."""
        day = day_of(since)
        return add_business_days(day, self.of(kind, day).business_days)

    def releases_on(self, kind: WaitingKind, *, since: datetime, due_on: date) -> date | None:
        """Return the day on which the wait ends by itself, or None where it never does."""
        days = self.of(kind, day_of(since)).release_days
        return None if days is None else add_business_days(due_on, days)


def days_left(due_on: date, on: date) -> int:
    """Return the business days until the due day ends; negative from the first business day after it.

    >>> days_left(date(2026, 11, 27), date(2026, 11, 24)), days_left(date(2026, 11, 20), date(2026, 11, 24))
    (3, -1)
    """
    return business_days_between(on, add_business_days(due_on, 0))


def is_overdue(due_on: date, on: date) -> bool:
    """Say whether the due day has passed. A due day that is no business day lasts until the next one ends.

    >>> is_overdue(date(2026, 11, 21), date(2026, 11, 24)), is_overdue(date(2026, 11, 21), date(2026, 11, 25))
    (False, True)
    """
    return on > add_business_days(due_on, 0)


def list_versions(kind: WaitingKind) -> list[Promise]:
    """Return what the office set for a kind, the newest first."""
    statement = select(Promise).where(Promise.kind == kind).order_by(Promise.valid_from_on.desc(), Promise.id.desc())
    return list(db.session.scalars(statement).unique())


def newest_version(kind: WaitingKind) -> int:
    """Return the number of the newest promise of a kind, 0 when the office set none."""
    return db.session.scalar(select(func.max(Promise.id)).where(Promise.kind == kind)) or 0


def promise(kind: WaitingKind, terms: Terms, *, seen_version: int, actor: User, at: datetime) -> Promise:
    """Set what is promised from a day on. ``seen_version``: the newest one that the person saw (0: none).

    Errors: NotFromThePast, EditConflict.
    """
    if terms.valid_from_on <= day_of(at):
        raise NotFromThePast
    if newest_version(kind) != seen_version:
        raise EditConflict
    row = Promise(
        kind=kind,
        business_days=terms.business_days,
        release_days=terms.release_days if STANDING[kind].release_days is not None else None,
        valid_from_on=terms.valid_from_on,
        reason=terms.reason,
        made_by_id=actor.id,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "office:promise:set",
        kind.value,
        actor_id=actor.id,
        at=at,
        business_days=row.business_days,
        release_days=row.release_days,
        valid_from_on=row.valid_from_on.isoformat(),
    )
    return row
