"""What an administrator does with accounts."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.accounts import queries, recovery, staff
from matchmaker.accounts.models import User
from matchmaker.accounts.sign_up import AddressTaken
from matchmaker.accounts.staff import ROLE_LABELS
from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.accounts.forms import RoleForm, StaffForm
from matchmaker.blueprints.accounts.routes import bp, knows_password
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.directory import queries as directory
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.foundation.text import tidy_line
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission, Role

_PERSON = "/accounts/<int(max=2147483647):user_id>"


@bp.get("/accounts")
@requires(Permission.ACCOUNT_MANAGE)
def manage() -> ResponseReturnValue:
    """List the accounts."""
    words = tidy_line(request.args.get("q", ""))[:100]
    state = request.args.get("state", "")
    page = queries.list_people(words, state, page=page_number())
    return render_template("accounts/manage.html", page=page, words=words, state=state, role_labels=ROLE_LABELS)


@bp.route("/accounts/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
def new() -> ResponseReturnValue:
    """Make an account for a person of the prefecture; they choose their password by a mailed link."""
    form = StaffForm(_divisions())
    if not (form.validate_on_submit() and _knows_password(form)):
        return render_template("accounts/new.html", form=form), 200 if request.method == "GET" else 422
    try:
        with transaction():
            user, _token = staff.create(
                email=form.email.data,
                name=form.name.data,
                role=Role(form.role.data),
                division=form.divisions.get(form.division.data),
                actor_id=acting_user().id,
                at=clock.now(),
            )
            user_id = user.id
    except AddressTaken:
        form.email.errors = [_("このメールアドレスのアカウントは、すでにあります。一覧でさがして役割を付けてください")]
        return render_template("accounts/new.html", form=form), 422
    flash(_("アカウントを作り、パスワードを決めるリンクを本人にメールで送りました。"), "success")
    return redirect(url_for("accounts.person", user_id=user_id), code=303)


@bp.get(_PERSON)
@requires(Permission.ACCOUNT_MANAGE)
def person(user_id: int) -> ResponseReturnValue:
    """Show one account with all that can be done to it."""
    return _person_page(_find(user_id), RoleForm(_divisions()))


@bp.post(f"{_PERSON}/roles")
@requires(Permission.ACCOUNT_MANAGE)
def grant_role(user_id: int) -> ResponseReturnValue:
    """Give a role, confirmed by the administrator's own password."""
    user = _find(user_id)
    form = RoleForm(_divisions())
    if not (form.validate() and _knows_password(form)):
        return _person_page(user, form), 422
    division = form.divisions.get(form.division.data)
    return _done(
        user,
        lambda: staff.grant(user, Role(form.role.data), division=division, actor=acting_user(), at=clock.now()),
        _("役割を付けました。この人は、次の操作の前にログインし直します。"),
    )


@bp.post(f"{_PERSON}/roles/<int(max=2147483647):role_id>/end")
@requires(Permission.ACCOUNT_MANAGE)
def end_role(user_id: int, role_id: int) -> ResponseReturnValue:
    """End a role."""
    user = _find(user_id)
    given = queries.find_role(user, role_id)
    if given is None:
        abort(404)
    return _done(user, lambda: staff.end_role(given, actor=acting_user(), at=clock.now()), _("役割を外しました。"))


@bp.post(f"{_PERSON}/suspend")
@requires(Permission.ACCOUNT_MANAGE)
def suspend(user_id: int) -> ResponseReturnValue:
    """Stop an account."""
    user = _find(user_id)
    return _done(
        user,
        lambda: staff.suspend(user, actor=acting_user(), at=clock.now()),
        _("アカウントを止めました。すべての端末でログアウトしました。"),
    )


@bp.post(f"{_PERSON}/restore")
@requires(Permission.ACCOUNT_MANAGE)
def restore(user_id: int) -> ResponseReturnValue:
    """Let a suspended person sign in again."""
    user = _find(user_id)
    return _done(
        user,
        lambda: staff.restore(user, actor=acting_user(), at=clock.now()),
        _("アカウントをまた使えるようにしました。"),
    )


@bp.post(f"{_PERSON}/end-sign-ins")
@requires(Permission.ACCOUNT_MANAGE)
def end_sign_ins(user_id: int) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    user = _find(user_id)
    return _done(
        user,
        lambda: staff.end_sign_ins(user, actor=acting_user(), at=clock.now()),
        _("すべての端末でログアウトしました。"),
    )


@bp.post(f"{_PERSON}/mail-reset")
@requires(Permission.ACCOUNT_MANAGE)
def mail_reset(user_id: int) -> ResponseReturnValue:
    """Mail a link for a new password; the administrator never sees it."""
    user = _find(user_id)
    return _done(
        user,
        lambda: recovery.mail_reset(user, actor_id=acting_user().id, at=clock.now()),
        _("パスワードを決め直すリンクを、本人にメールで送りました。"),
    )


def _find(user_id: int) -> User:
    return queries.find(user_id) or abort(404)


def _divisions() -> list[Division]:
    return directory.list_divisions(on=clock.today())


def _done(user: User, act: Callable[[], object], said: str) -> ResponseReturnValue:
    user_id = user.id
    acted(lambda _at: act(), said)
    return redirect(url_for("accounts.person", user_id=user_id), code=303)


def _person_page(user: User, form: RoleForm) -> str:
    return render_template("accounts/person.html", user=user, form=form, role_labels=ROLE_LABELS)


def _knows_password(form: RoleForm) -> bool:
    if knows_password(form.current_password.data):
        return True
    form.current_password.errors = [_("パスワードがちがいます")]
    return False
