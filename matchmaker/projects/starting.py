"""The checklist before the work begins: each side ticks for itself. Functions run inside the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects.events import note
from matchmaker.projects.lifecycle import NotYours, require_underway
from matchmaker.projects.models import Project
from matchmaker.projects.parties import Party, parties_for
from matchmaker.projects.starting_models import StartCheck, StartItem, StartSide
from matchmaker.projects.status import UNDERWAY, ProjectAction
from matchmaker.projects.workflow import Part


@dataclass(frozen=True, slots=True)
class StartLine:
    """One thing with the tick of each side, None where there is none."""

    item: StartItem
    checks: dict[StartSide, StartCheck | None]

    @property
    def is_settled(self) -> bool:
        return all(self.checks.values())


def checklist(project: Project) -> list[StartLine]:
    """Return all things in their order with what both sides ticked."""
    ticked = {(row.item, row.side): row for row in _list(project)}
    return [StartLine(item, {side: ticked.get((item, side)) for side in StartSide}) for item in StartItem]


def side_of(parties: Sequence[Party]) -> StartSide | None:
    """Return for which side somebody ticks who acts for these parties; the partners' first."""
    parts = {party.part for party in parties}
    if parts & {Part.NPO, Part.COMPANY}:
        return StartSide.PARTNERS
    return StartSide.PREFECTURE if parts & {Part.DIVISION, Part.OFFICE} else None


def tick(
    project: Project, chosen: Collection[StartItem], *, seen: Collection[StartItem], actor: User, at: datetime
) -> None:
    """Store what the actor changed on the page: ``seen`` was ticked when it opened, ``chosen`` is now.

    What a colleague ticked in the meantime stays. Errors: ProjectNotInState; NotYours.
    """
    require_underway(project, UNDERWAY, _("始める前の確認"))
    side = side_of(parties_for(actor, project))
    if side is None:
        raise NotYours(_("この事業に参加している団体・課だけができます。"))
    own = {row.item: row for row in _list(project) if row.side is side}
    added = [item for item in StartItem if item in chosen and item not in seen and item not in own]
    dropped = [item for item in StartItem if item in seen and item not in chosen and item in own]
    for item in added:
        db.session.add(StartCheck(project_id=project.id, item=item, side=side, checked_by_id=actor.id, checked_at=at))
    for item in dropped:
        db.session.delete(own[item])
    changes = [*(f"✓ {item.label}" for item in added), *(_("取り消し：%(item)s", item=item.label) for item in dropped)]
    if changes:
        text = "\n".join([_("%(side)s側の確認", side=side.label), *changes])
        note(project, ProjectAction.PREPARE, actor=actor, at=at, text=text)


def _list(project: Project) -> Sequence[StartCheck]:
    return db.session.scalars(select(StartCheck).where(StartCheck.project_id == project.id)).unique().all()
