"""Sign in and out."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import profile, sessions, throttle
from matchmaker.accounts import sign_in as signing_in
from matchmaker.accounts.sign_in import Answer
from matchmaker.blueprints import signed_in
from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.accounts.forms import SignInForm
from matchmaker.blueprints.accounts.routes import bp, browser_name, landing, local_path, source
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Take an address and a password."""
    form = SignInForm()
    if request.method == "GET":
        wanted = local_path(request.args.get("next"))
        if current_user.is_authenticated:
            return redirect(wanted or landing(current_user), code=303)
        form.next.data = wanted
        return _page(form)
    if not form.validate():
        return _page(form), 422
    answer = _answer(form.email.data, form.password.data)
    if answer is Answer.SIGNED_IN:
        return redirect(local_path(form.next.data) or landing(current_user), code=303)
    if answer in {Answer.UNCONFIRMED, Answer.TOO_SHORT}:
        purpose = "sign-up" if answer is Answer.UNCONFIRMED else "short-password"
        return redirect(url_for("accounts.mail_sent", purpose=purpose), code=303)
    if answer is Answer.SUSPENDED:
        message = _("このアカウントは止められています。NPO担当課へお問い合わせください。")
    else:
        message = _("メールアドレスかパスワードがちがいます。もう一度入力してください。")
    form.form_errors.append(message)
    return _page(form), 422


@bp.post("/sign-out")
@requires(Permission.ACCOUNT_USE)
def sign_out() -> ResponseReturnValue:
    """End this browser's sign-in, here and in the database."""
    user = acting_user()
    with transaction():
        profile.sign_out(user, token=user.sign_in_token, at=clock.now())
    signed_in.end()
    response = make_response(redirect(url_for("accounts.sign_in", done="signed-out"), code=303))
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def _page(form: SignInForm) -> str:
    return render_template("accounts/sign_in.html", form=form, has_signed_out=request.args.get("done") == "signed-out")


def _answer(email: str, password: str) -> Answer:
    at = clock.now()
    with transaction():
        attempt_id = throttle.begin(throttle.SIGN_IN, account=email, source=source(), at=at)
    compared = signing_in.compare(email, password)
    earlier_token = current_user.sign_in_token if current_user.is_authenticated else ""
    with transaction():
        answer, token = signing_in.finish(compared, attempt_id=attempt_id, browser=browser_name(), at=at)
        if token and earlier_token:
            sessions.end(earlier_token)
    if token and compared.user is not None:
        signed_in.begin(compared.user, token)
    return answer
