"""Forgotten passwords."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.accounts import links, passwords, queries, recovery, throttle
from matchmaker.accounts.models import OneTimeLinkKind
from matchmaker.blueprints.access import public
from matchmaker.blueprints.accounts.forms import ForgottenForm, ResetForm
from matchmaker.blueprints.accounts.routes import bp, source
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction


@bp.route("/password/forgotten", methods=["GET", "POST"])
@public
def forgot_password() -> ResponseReturnValue:
    """Mail a link, and say the same for every address."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgot_password.html", form=form), 200 if request.method == "GET" else 422
    at = clock.now()
    with transaction():
        throttle.begin(throttle.MAIL, account=form.email.data, source=source(), at=at)
        recovery.ask_reset(form.email.data, at=at)
    # Beside the time of a hash, nobody can see whether there was a mail to write.
    passwords.is_right(None, form.email.data)
    return redirect(url_for("accounts.mail_sent", purpose="reset"), code=303)


@bp.route("/password/reset/<token>", methods=["GET", "POST"])
@public
def reset_password(token: str) -> ResponseReturnValue:
    """Take a new password from the person who reads the address's mail."""
    link = links.find(OneTimeLinkKind.RESET_PASSWORD, token, at=clock.now())
    user = queries.find(link.user_id) if link is not None and link.user_id is not None else None
    if user is None:
        return render_template("accounts/link_not_usable.html", kind="reset"), 410
    form = ResetForm(is_staff=user.is_staff, known=[user.name, user.email.partition("@")[0]])
    if not form.validate_on_submit():
        page = render_template(
            "accounts/reset_password.html", form=form, shortest=passwords.shortest(is_staff=user.is_staff)
        )
        return page, 200 if request.method == "GET" else 422
    password_hash = passwords.hash_password(form.password.data)
    try:
        with transaction():
            recovery.reset(token, password_hash=password_hash, at=clock.now())
    except DomainError:
        return render_template("accounts/link_not_usable.html", kind="reset"), 410
    flash(_("新しいパスワードにしました。ログインしてください。"), "success")
    return redirect(url_for("accounts.sign_in"), code=303)
