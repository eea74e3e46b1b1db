"""What the conflict page shows when two people changed the same project."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from matchmaker.blueprints.projects.forms import EditForm
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.projects import queries
from matchmaker.projects.models import Project
from matchmaker.proposals.differences import difference


def conflict_between(project: Project, form: EditForm) -> dict[str, Any]:
    """Return what ``errors/conflict.html`` asks for: both texts where they differ, and how to save one's own."""
    last = queries.last_event(project)
    address = url_for(request.endpoint or "projects.edit", number=project.number)
    pairs = _facts(project, form)
    return {
        "what": _("協働事業 %(number)s", number=project.number),
        "by": last.actor.name if last and last.actor else None,
        "at": last.at if last else None,
        "fields": [
            {"label": label, "mine": mine, "theirs": theirs, "changes": difference(theirs, mine)}
            for label, mine, theirs in pairs
            if mine != theirs
        ],
        "edit_url": address,
        "resend": {"url": address, "values": _values_with(project.version)},
    }


def _facts(project: Project, form: EditForm) -> list[tuple[str, str, str]]:
    mine = form.facts
    return [
        (_("事業の名前"), mine.title, project.title),
        (_("事業の内容"), mine.summary, project.summary),
        (
            _("いっしょに行う団体"),
            "\n".join(f"{partner.name}（{partner.kind.label}）" for partner in mine.partners),
            "\n".join(f"{partner.name}（{partner.kind.label}）" for partner in project.partners),
        ),
        _divisions(project, form),
        _day(_("始まる日"), mine.starts_on, project.starts_on),
        _day(_("終わる日"), mine.ends_on, project.ends_on),
        (_("事業費"), _yen(mine.budget_yen), _yen(project.budget_yen)),
    ]


def _divisions(project: Project, form: EditForm) -> tuple[str, str, str]:
    labels = {choice.value: choice.label for choice in form.division_ids.choices}
    mine = "\n".join(sorted(str(labels[value]) for value in form.division_ids.data))
    theirs = "\n".join(sorted(f"{row.department} {row.name}" for row in project.divisions))
    return _("県の担当課"), mine, theirs


def _day(label: str, mine: Any, theirs: Any) -> tuple[str, str, str]:
    return label, japanese_date(mine) if mine else "", japanese_date(theirs) if theirs else ""


def _yen(amount: int | None) -> str:
    return "" if amount is None else f"{amount:,}円"


def _values_with(version: int) -> list[tuple[str, str]]:
    """All that was typed, with the stored version: sending it again replaces what the other person saved."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "version"}]
    return [*kept, ("version", str(version))]
