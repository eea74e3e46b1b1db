"""Names of organisations through the years: renamed and merged, never lost, and still found by the old name."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from matchmaker.audit import service as audit
from matchmaker.directory.models import Organisation, OrganisationName
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form


class NameNotChanged(DomainError):
    """The new name is the one that the organisation bears already, or its day lies before the last change."""


class CannotMerge(DomainError):
    """The two organisations cannot become one."""


def rename(organisation: Organisation, name: str, kana: str, *, on: date, actor_id: int, at: datetime) -> None:
    """Give an organisation its new name from a day on; the office vouches for it, so that its check stays valid.

    Errors: NameNotChanged.
    """
    locked(organisation)
    if organisation.name == name:
        raise NameNotChanged(_("いまと同じ名前です。新しい名前を入力してください。"))
    last = max((row.until_on for row in organisation.former_names), default=None)
    if last is not None and on <= last:
        raise NameNotChanged(_("前に名前が変わった日よりあとの日を入力してください。"))
    keep_former(organisation, last_on=on - timedelta(days=1))
    organisation.name, organisation.kana = name, kana
    organisation.search_text = f"{search_form(f'{name} {kana}')} {organisation.search_text}"
    audit.record("directory:organisation:rename", organisation.number, actor_id=actor_id, at=at, on=on.isoformat())


def merge(organisation: Organisation, into: Organisation, *, on: date, actor_id: int, at: datetime) -> None:
    """State that an organisation became part of another on a day. Its record stays; its name leads to the other.

    Errors: CannotMerge.
    """
    for row in sorted((organisation, into), key=lambda row: row.id):
        locked(row)
    trouble = _trouble_of(organisation, into)
    if trouble:
        raise CannotMerge(trouble)
    organisation.merged_into_id, organisation.merged_on = into.id, on
    for name, kana, from_on, until_on in [
        *((row.name, row.kana, row.from_on, row.until_on) for row in organisation.former_names),
        (organisation.name, organisation.kana, None, on - timedelta(days=1)),
    ]:
        _keep(into, name, kana, from_on=from_on, until_on=until_on, merged_id=organisation.id)
    db.session.flush()
    tag = "directory:organisation:merge"
    audit.record(tag, organisation.number, actor_id=actor_id, at=at, into=into.number, on=on.isoformat())


def keep_former(organisation: Organisation, *, last_on: date) -> None:
    """Keep the name that the organisation bears now as a former one."""
    earlier = max((row.until_on for row in organisation.former_names if row.merged_id is None), default=None)
    from_on = earlier + timedelta(days=1) if earlier else None
    if from_on and last_on < from_on:  # renamed twice on one day: the name in between was never in force
        return
    _keep(organisation, organisation.name, organisation.kana, from_on=from_on, until_on=last_on)


def current_of(organisation: Organisation) -> Organisation:
    """Return what an organisation is part of now: itself, unless it merged into another."""
    seen = {organisation.id}
    while organisation.merged_into is not None and organisation.merged_into.id not in seen:
        organisation = organisation.merged_into
        seen.add(organisation.id)
    return organisation


def line_of_organisation(organisation: Organisation) -> frozenset[int]:
    """Return an organisation with all that became part of it, however long ago."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.merged_into_id).where(Organisation.merged_into_id.is_not(None))
    )
    merged = [(former, into) for former, into in rows]
    found = {organisation.id}
    while more := {former for former, into in merged if into in found} - found:
        found |= more
    return frozenset(found)


def _keep(
    organisation: Organisation,
    name: str,
    kana: str,
    *,
    from_on: date | None,
    until_on: date,
    merged_id: int | None = None,
) -> None:
    organisation.former_names.append(
        OrganisationName(name=name, kana=kana, from_on=from_on, until_on=until_on, merged_id=merged_id)
    )
    organisation.search_text = f"{organisation.search_text} {search_form(f'{name} {kana}')}".strip()


def _trouble_of(organisation: Organisation, into: Organisation) -> str:
    if organisation.id == into.id:
        return _("同じ団体です。統合した先の団体の番号を入力してください。")
    if organisation.side is not into.side:
        return _("NPOと企業は、一つの団体として統合できません。")
    if organisation.merged_into_id is not None:
        return _("この団体は、すでにほかの団体に統合されています。")
    if current_of(into).id != into.id:
        return _("統合した先の団体は、すでに別の団体に統合されています。いまある団体の番号を入力してください。")
    if not into.is_verified:
        return _("統合した先の団体は、まだ確認されていません。先に団体の確認をしてください。")
    return ""
