"""What staff set about exposure: the guarantee, when a pair counts as suitable, and the cap of open requests."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.interests.models import Interest
from matchmaker.introductions.models import ExposureSettings, Introduction
from matchmaker.introductions.status import IntroductionStatus
from matchmaker.matching.exposure import Guarantee

LIST_LENGTH = 20
"""Lines on the first page of a company's list, which is what an opened list shows."""
SUITABLE_POINTS = 250
"""Before staff set anything: over a third of the pairs of public cases reach it, five or more of most proposals."""
SETTINGS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ExposureRules:
    """The rules in force. ``version`` is the number of the settings, 0 before any were saved."""

    guarantee: Guarantee
    suitable_points: int
    version: int


@dataclass(frozen=True, slots=True)
class SavedSettings:
    """One version of the settings with who saved it."""

    settings: ExposureSettings
    saved_by: str


def rules_in_force() -> ExposureRules:
    """Return the newest settings, or those of the product before staff saved any."""
    newest = db.session.scalar(select(ExposureSettings).order_by(ExposureSettings.id.desc()).limit(1))
    if newest is None:
        return ExposureRules(Guarantee(list_length=LIST_LENGTH), SUITABLE_POINTS, 0)
    guarantee = Guarantee(
        companies=newest.companies,
        within_days=newest.within_days,
        reserved_slots=newest.reserved_slots,
        list_length=LIST_LENGTH,
        open_request_cap=newest.open_request_cap,
        warning_days=newest.warning_days,
    )
    return ExposureRules(guarantee, newest.suitable_points, newest.id)


def list_settings() -> list[SavedSettings]:
    """Return the last versions of the settings, the newest first."""
    rows = db.session.execute(
        select(ExposureSettings, User.name)
        .join(User, User.id == ExposureSettings.saved_by_id)
        .order_by(ExposureSettings.id.desc())
        .limit(SETTINGS_SHOWN)
    )
    return [SavedSettings(row[0], row[1]) for row in rows]


def save_settings(settings: ExposureSettings, *, seen_version: int, actor: User, at: datetime) -> None:
    """Put new settings in force. ``seen_version``: those that the person saw. Errors: EditConflict."""
    if rules_in_force().version != seen_version:
        raise EditConflict
    settings.saved_at = at
    settings.saved_by_id = actor.id
    db.session.add(settings)
    db.session.flush()
    audit.record("office:exposure:set", f"exposure-{settings.id}", actor_id=actor.id, at=at)


def open_requests_of(organisation_ids: list[int]) -> dict[int, int]:
    """Count, by company, the requests of NPOs that still wait for its answer."""
    rows = db.session.execute(
        select(Interest.organisation_id, func.count())
        .select_from(Introduction)
        .join(Interest, Interest.id == Introduction.interest_id)
        .where(
            Introduction.status == IntroductionStatus.ASKED,
            Introduction.asked_by_side == Side.NPO,
            Interest.organisation_id.in_(organisation_ids),
        )
        .group_by(Interest.organisation_id)
    )
    return {row[0]: row[1] for row in rows}


def is_at_cap(company: Organisation) -> bool:
    """Say whether NPOs have to wait before they ask a company: it has enough unanswered requests."""
    waiting = open_requests_of([company.id]).get(company.id, 0)
    return waiting >= rules_in_force().guarantee.open_request_cap
