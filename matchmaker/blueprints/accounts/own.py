"""The person's own account and the colleagues of their organisation."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.accounts import members, passwords, profile, queries, recovery, sessions, throttle
from matchmaker.accounts.models import User
from matchmaker.accounts.staff import ROLE_LABELS
from matchmaker.blueprints import signed_in
from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.accounts.forms import ChangePasswordForm, EmptyForm, InvitationForm, NameForm
from matchmaker.blueprints.accounts.routes import bp, browser_name, knows_password, source
from matchmaker.blueprints.acting import acted
from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.text import tidy_line
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission

LARGEST_ID = 2**31 - 1


@bp.get("/account")
@requires(Permission.ACCOUNT_USE)
def show() -> ResponseReturnValue:
    """Show who the person is here, what for, and in which browsers."""
    user = acting_user()
    return render_template(
        "accounts/show.html",
        user=user,
        role_labels=[ROLE_LABELS[role] for role in ROLE_LABELS if role in user.roles],
        sign_ins=sessions.list_live(user, at=clock.now()),
        own_hash=sessions.hash_token(user.sign_in_token),
    )


@bp.route("/account/name", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_USE)
def change_name() -> ResponseReturnValue:
    """Take another name."""
    user = acting_user()
    form = NameForm(obj=user)
    if not form.validate_on_submit():
        return render_template("accounts/change_name.html", form=form), 200 if request.method == "GET" else 422
    with transaction():
        profile.change_name(user, form.name.data, at=clock.now())
    flash(_("名前を変えました。"), "success")
    return redirect(url_for("accounts.show"), code=303)


@bp.route("/account/password", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_USE)
def change_password() -> ResponseReturnValue:
    """Take a new password from a person who knows the current one."""
    user = acting_user()
    token, checked_hash = user.sign_in_token, user.password_hash
    form = ChangePasswordForm(is_staff=user.is_staff, known=[user.name, user.email.partition("@")[0]])
    if not (form.validate_on_submit() and _knows_password(form)):
        page = render_template(
            "accounts/change_password.html", form=form, shortest=passwords.shortest(is_staff=user.is_staff)
        )
        return page, 200 if request.method == "GET" else 422
    password_hash = passwords.hash_password(form.password.data)
    acted(
        lambda at: recovery.change_password(
            user, checked_hash=checked_hash, password_hash=password_hash, token=token, at=at
        ),
        _("パスワードを変えました。ほかの端末はログアウトしました。"),
    )
    return redirect(url_for("accounts.show"), code=303)


@bp.post("/account/sign-ins/end-others")
@requires(Permission.ACCOUNT_USE)
def end_other_sign_ins() -> ResponseReturnValue:
    """Sign out every other browser."""
    user = acting_user()
    with transaction():
        profile.end_other_sign_ins(user, token=user.sign_in_token, at=clock.now())
    flash(_("ほかの端末をログアウトしました。"), "success")
    return redirect(url_for("accounts.show"), code=303)


@bp.post("/account/call-mails")
@requires(Permission.ACCOUNT_USE)
def call_mails() -> ResponseReturnValue:
    """Stop the mails before a call closes, or have them again."""
    is_wanted = request.form.get("wanted") == "1"
    with transaction():
        profile.want_call_mails(acting_user(), is_wanted, at=clock.now())
    flash(
        _("募集の締め切りの前に、メールで知らせます。") if is_wanted else _("募集の締め切りのお知らせを止めました。"),
        "success",
    )
    return redirect(url_for("accounts.show", _anchor="call-mails"), code=303)


@bp.route("/account/members", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def colleagues() -> ResponseReturnValue:
    """List the colleagues and invite another one."""
    user, organisation = _member()
    form = InvitationForm()
    if not form.validate_on_submit():
        return _colleagues_page(form), 200 if request.method == "GET" else 422
    at = clock.now()
    try:
        with transaction():
            throttle.begin(throttle.MAIL, account=form.email.data, source=source(), at=at)
            members.invite(organisation, form.email.data, actor=user, at=at)
    except members.AlreadyMember as refusal:
        form.email.errors = [str(refusal)]
        return _colleagues_page(form), 422
    flash(_("招待のメールを送りました。リンクは7日間使えます。"), "success")
    return redirect(url_for("accounts.colleagues"), code=303)


@bp.post("/account/members/withdraw-invitation")
@requires(Permission.ORGANISATION_EDIT)
def withdraw_invitation() -> ResponseReturnValue:
    """Make an invitation of one's own organisation unusable."""
    user, organisation = _member()
    with transaction():
        members.withdraw_invitation(organisation, tidy_line(request.form.get("email", "")), actor=user, at=clock.now())
    flash(_("招待を取り消しました。"), "success")
    return redirect(url_for("accounts.colleagues"), code=303)


@bp.route(f"/account/members/<int(max={LARGEST_ID}):membership_id>/end", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def end_membership(membership_id: int) -> ResponseReturnValue:
    """End a colleague's membership, after one question."""
    user = acting_user()
    membership = queries.find_membership_for(user, membership_id)
    if membership is None or membership.user_id == user.id:
        abort(404)
    form = EmptyForm()
    if not form.validate_on_submit():
        return render_template("accounts/end_membership.html", form=form, membership=membership)
    acted(lambda at: members.end_membership(membership, actor=user, at=at), _("メンバーから外しました。"))
    return redirect(url_for("accounts.colleagues"), code=303)


@bp.route("/account/leave", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def leave() -> ResponseReturnValue:
    """Leave one's organisation, after one question; the browser gets a new sign-in."""
    user, organisation = _member()
    form = EmptyForm()
    if not form.validate_on_submit():
        return render_template("accounts/leave.html", form=form, organisation=organisation)
    at = clock.now()
    try:
        with transaction():
            members.leave(user, at=at)
            token = sessions.begin(user, at=at, browser=browser_name())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("accounts.colleagues"), code=303)
    signed_in.begin(user, token)
    flash(_("団体を抜けました。"), "success")
    return redirect(url_for("accounts.show"), code=303)


def _member() -> tuple[User, Organisation]:
    """Return the person and the organisation that the permission comes from."""
    user = acting_user()
    return user, user.organisation or abort(403)


def _knows_password(form: ChangePasswordForm) -> bool:
    if knows_password(form.current_password.data):
        return True
    form.current_password.errors = [_("いまのパスワードがちがいます")]
    return False


def _colleagues_page(form: InvitationForm) -> str:
    _user, organisation = _member()
    return render_template(
        "accounts/colleagues.html",
        form=form,
        organisation=organisation,
        memberships=queries.list_members(organisation),
        invitations=queries.list_open_invitations(organisation, at=clock.now()),
    )
