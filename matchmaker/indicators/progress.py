"""Draft and approve the judgement on a fiscal year (進展度). Writing runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators.progress_degree import ProgressDegree
from matchmaker.indicators.progress_models import ProgressAssessment


class ProgressRefused(DomainError):
    """The judgement cannot be drafted or approved as asked; the text says why."""


def list_versions(fy: int) -> Sequence[ProgressAssessment]:
    """Return every version of a fiscal year's judgement, newest first."""
    return db.session.scalars(
        select(ProgressAssessment)
        .where(ProgressAssessment.fy == fy)
        .order_by(ProgressAssessment.edition.desc())
        .options(joinedload(ProgressAssessment.drafted_by), joinedload(ProgressAssessment.approved_by))
    ).all()


def in_force(versions: Sequence[ProgressAssessment]) -> ProgressAssessment | None:
    """Return the newest approved version: what everybody sees."""
    return next((one for one in versions if one.approved_at is not None), None)


def waiting(versions: Sequence[ProgressAssessment]) -> ProgressAssessment | None:
    """Return the newest version when it waits for approval."""
    return versions[0] if versions and versions[0].approved_at is None else None


def list_waiting(*where: ColumnElement[bool]) -> Sequence[ProgressAssessment]:
    """Return each fiscal year's newest version that waits for approval, oldest year first."""
    newest = select(ProgressAssessment.fy, func.max(ProgressAssessment.edition)).group_by(ProgressAssessment.fy)
    return db.session.scalars(
        select(ProgressAssessment)
        .where(
            tuple_(ProgressAssessment.fy, ProgressAssessment.edition).in_(newest),
            ProgressAssessment.approved_at.is_(None),
            *where,
        )
        .order_by(ProgressAssessment.fy)
        .options(joinedload(ProgressAssessment.drafted_by))
    ).all()


def draft(fy: int, *, degree: ProgressDegree, reason: str, after: int, actor: User, at: datetime) -> ProgressAssessment:
    """Add a version that follows version ``after`` (0: the first). Errors: EditConflict, ProgressRefused."""
    next_number(f"progress-{fy}")
    newest = _newest(fy)
    if (newest.edition if newest else 0) != after:
        raise EditConflict
    if newest and (newest.degree, newest.reason) == (degree, reason):
        raise ProgressRefused(_("前の案と同じです。変えるところがありません。"))
    row = ProgressAssessment(
        fy=fy, edition=after + 1, degree=degree, reason=reason, drafted_by_id=actor.id, drafted_at=at
    )
    db.session.add(row)
    db.session.flush()
    audit.record("office:progress:draft", _subject(row), actor_id=actor.id, at=at, degree=degree.value)
    return row


def approve(fy: int, *, edition: int, actor: User, at: datetime) -> ProgressAssessment:
    """Let the newest version stand, as the approver has read it. Errors: EditConflict, ProgressRefused."""
    next_number(f"progress-{fy}")
    newest = _newest(fy)
    if newest is None or newest.edition != edition:
        raise EditConflict
    row = locked(newest)
    if row.approved_at is not None:
        raise ProgressRefused(_("この案は、もう承認されています。"))
    if row.drafted_by_id == actor.id:
        raise ProgressRefused(
            _("案を作った人は、承認できません。ほかの人に承認を頼んでください（2人で決める決まりです）。")
        )
    row.approved_by_id, row.approved_at = actor.id, at
    audit.record("approver:progress:approve", _subject(row), actor_id=actor.id, at=at)
    return row


def _newest(fy: int) -> ProgressAssessment | None:
    return db.session.scalar(
        select(ProgressAssessment)
        .where(ProgressAssessment.fy == fy)
        .order_by(ProgressAssessment.edition.desc())
        .limit(1)
    )


def _subject(row: ProgressAssessment) -> str:
    return f"{fiscal_year.code(row.fy)}-{row.edition}"
