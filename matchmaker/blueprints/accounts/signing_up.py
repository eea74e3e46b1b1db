"""Sign up, confirm the address, join by invitation."""

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import links, members, passwords, queries, sessions, throttle
from matchmaker.accounts import sign_up as signing_up
from matchmaker.accounts.models import OneTimeLink, OneTimeLinkKind
from matchmaker.accounts.sign_up import AddressTaken, NewPerson
from matchmaker.blueprints import signed_in
from matchmaker.blueprints.access import public
from matchmaker.blueprints.accounts.forms import SIGN_UP_FORMS, EmptyForm, JoinForm
from matchmaker.blueprints.accounts.routes import bp, browser_name, source
from matchmaker.blueprints.acting import acted
from matchmaker.directory import queries as directory
from matchmaker.directory.service import NumberTaken
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.notices import delivery

MAILS_SHOWN = 50


@bp.get("/sign-up")
@public
def sign_up() -> ResponseReturnValue:
    """Ask which side the person stands on."""
    return render_template("accounts/sign_up.html")


@bp.route("/sign-up/<any(npo, company):side>", methods=["GET", "POST"])
@public
def sign_up_side(side: str) -> ResponseReturnValue:
    """Take a person and their organisation."""
    form = SIGN_UP_FORMS[Side(side)]()
    if request.method == "GET" or not form.validate():
        return _sign_up_page(form, side), 200 if request.method == "GET" else 422
    at = clock.now()
    with transaction():
        throttle.begin(throttle.MAIL, account=form.email.data, source=source(), at=at)
    person = NewPerson(form.name.data, form.email.data, passwords.hash_password(form.password.data))
    facts = form.facts(contact_name=person.name, contact_email=person.email)
    try:
        with transaction():
            signing_up.sign_up(person, facts, side=Side(side), at=at)
    except NumberTaken as refusal:
        form.corporate_number.errors = [str(refusal)]
        return _sign_up_page(form, side), 422
    except AddressTaken:
        pass  # the other press of the same button stored it; the screen is the same
    return redirect(url_for("accounts.mail_sent", purpose="sign-up"), code=303)


@bp.get("/mail-sent/<any('sign-up', reset, 'short-password'):purpose>")
@public
def mail_sent(purpose: str) -> ResponseReturnValue:
    """Say that a mail is on its way, whoever the address belongs to."""
    return render_template("accounts/mail_sent.html", purpose=purpose, shows_outbox=_shows_outbox())


@bp.route("/sign-up/confirm/<token>", methods=["GET", "POST"])
@public
def confirm_email(token: str) -> ResponseReturnValue:
    """Ask for one press: mail scanners open links, but press no buttons."""
    form = EmptyForm()
    at = clock.now()
    if links.find(OneTimeLinkKind.CONFIRM_EMAIL, token, at=at) is None:
        return render_template("accounts/link_not_usable.html", kind="confirm"), 410
    if not form.validate_on_submit():
        return render_template("accounts/confirm_email.html", form=form)
    try:
        with transaction():
            signing_up.confirm(token, at=at)
    except DomainError:
        return render_template("accounts/link_not_usable.html", kind="confirm"), 410
    flash(_("メールアドレスを確認しました。登録したメールアドレスとパスワードで、ログインしてください。"), "success")
    return redirect(url_for("accounts.sign_in"), code=303)


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@public
def accept_invitation(token: str) -> ResponseReturnValue:
    """Let the address invited join, with a new account or its own."""
    at = clock.now()
    link = links.find(OneTimeLinkKind.INVITATION, token, at=at)
    if link is None:
        return render_template("accounts/link_not_usable.html", kind="invitation"), 410
    known = queries.find_by_email(link.email)
    if known is not None and (known.email_confirmed_at is not None or known.staff_roles):
        return _join_with_own_account(token, link)
    return _join_as_new(token, link)


@bp.get("/outbox")
@public
def outbox() -> ResponseReturnValue:
    """In a demonstration, show the mails that a mail server would deliver."""
    if not _shows_outbox():
        abort(404)
    base_url = current_app.config["BASE_URL"]
    return render_template("accounts/outbox.html", mails=delivery.list_latest(MAILS_SHOWN), base_url=base_url)


def _shows_outbox() -> bool:
    return bool(current_app.config["ALLOWS_DEMO"]) and not current_app.config["IS_PRODUCTION"]


def _sign_up_page(form: object, side: str) -> str:
    return render_template("accounts/sign_up_side.html", form=form, side=Side(side))


def _join_with_own_account(token: str, link: OneTimeLink) -> ResponseReturnValue:
    form = EmptyForm()
    organisation = directory.find(link.organisation_id)
    is_own = current_user.is_authenticated and current_user.email == link.email
    if not (is_own and form.validate_on_submit()):
        return render_template(
            "accounts/accept_invitation_with_own_account.html", form=form, organisation=organisation, is_own=is_own
        )
    user = current_user._get_current_object()
    at = clock.now()
    try:
        with transaction():
            members.join(token, user=user, at=at)
            sessions.end_all(user)
            new_token = sessions.begin(user, at=at, browser=browser_name())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("accounts.show"), code=303)
    signed_in.begin(user, new_token)
    flash(_("団体に参加しました。"), "success")
    return redirect(url_for("accounts.show"), code=303)


def _join_as_new(token: str, link: OneTimeLink) -> ResponseReturnValue:
    form = JoinForm(email=link.email)
    organisation = directory.find(link.organisation_id)
    if not form.validate_on_submit():
        page = render_template(
            "accounts/accept_invitation.html", form=form, organisation=organisation, email=link.email
        )
        return page, 200 if request.method == "GET" else 422
    password_hash = passwords.hash_password(form.password.data)
    acted(
        lambda at: members.join_as_new(token, name=form.name.data, password_hash=password_hash, at=at),
        _("アカウントができました。メールアドレスと、いま決めたパスワードでログインしてください。"),
    )
    return redirect(url_for("accounts.sign_in"), code=303)
