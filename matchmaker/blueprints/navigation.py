"""What the header offers to the person who is signed in, and what all templates may use."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.local import LocalProxy

from matchmaker.accounts import demo
from matchmaker.directory.places import label_of
from matchmaker.foundation import clock
from matchmaker.permissions.grants import Permission, Role


@dataclass(frozen=True, slots=True)
class NavigationItem:
    label: str
    url: str
    is_current: bool


def install(app: Flask) -> None:
    """Give the templates their common values."""
    app.context_processor(_common_values)


def _common_values() -> dict[str, Any]:
    return {
        "site_name": _("協創マッチング"),
        "navigation": _navigation(),
        # Asked only when a page prints it: the page for a lost database does not.
        "demo_banner": LocalProxy(_shows_demo_banner),
        "Permission": Permission,
        "today": clock.today(),
        "place_label": label_of,
        "may": lambda permission: current_user.is_authenticated and current_user.may(permission),
    }


def _shows_demo_banner() -> bool:
    return bool(current_app.config["ALLOWS_DEMO"]) and demo.is_loaded()


def _navigation() -> list[NavigationItem]:
    entries: list[tuple[str, str]] = []
    if current_user.is_authenticated:
        roles = current_user.roles
        entries.append((_("わたしの仕事"), "work.queue"))
        if Role.NPO in roles:
            entries += [(_("わたしたちの提案"), "proposals.mine"), (_("紹介の依頼"), "introductions.list")]
        if Role.COMPANY in roles:
            entries += [(_("わたしたちの関心"), "interests.mine"), (_("紹介の依頼"), "introductions.list")]
        if current_user.may(Permission.REVIEW_READ):
            entries.append((_("審査"), "review.queue"))
        if current_user.may(Permission.PANEL_SCORE):
            entries.append((_("審査する提案"), "panel.mine"))
        if current_user.may(Permission.CIRCULATION_ANSWER):
            entries.append((_("回付された提案"), "circulation.list"))
        if current_user.may(Permission.ORGANISATION_VERIFY):
            entries.append((_("団体の確認"), "directory.verification_queue"))
        if current_user.may(Permission.PROJECT_TAKE_PART):
            entries.append((_("参加している事業"), "projects.mine"))
        if current_user.may(Permission.PROJECT_REPORT):
            entries.append((_("事業の報告"), "projects.reports"))
        if current_user.may(Permission.ACCOUNT_MANAGE):
            entries.append((_("アカウント管理"), "accounts.manage"))
        if current_user.may(Permission.RULESET_EDIT):
            entries.append((_("重みの設定"), "introductions.rulesets"))
            entries.append((_("ことばとつながりの表"), "introductions.vocabulary"))
    entries += [
        (_("提案"), "proposals.list"),
        (_("募集と審査基準"), "calls.criteria"),
        (_("協働事業"), "projects.list"),
        (_("団体・企業"), "directory.list"),
        (_("指標"), "indicators.list"),
    ]
    return [NavigationItem(label, url_for(endpoint), request.endpoint == endpoint) for label, endpoint in entries]
