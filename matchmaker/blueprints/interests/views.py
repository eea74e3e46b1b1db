"""Views of interests."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.forms import hidden_number
from matchmaker.blueprints.interests.forms import InterestForm, filled, first_answers
from matchmaker.blueprints.interests.presentation import conflict_of
from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.transaction import transaction
from matchmaker.interests import queries, service
from matchmaker.interests.answers import answers_of
from matchmaker.interests.models import Interest
from matchmaker.interests.status import status_on
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.exposure_log import count_by_guarantee
from matchmaker.introductions.queries import find_interest_met_by
from matchmaker.introductions.sides import interest_rows
from matchmaker.permissions.grants import Permission

bp = Blueprint("interests", __name__, url_prefix="/interests")


@bp.get("/mine")
@requires(Permission.INTEREST_WRITE)
def mine() -> ResponseReturnValue:
    """List the company's own interests."""
    company, today = _company(), clock.today()
    rows = [
        (interest, status_on(interest.status, interest.valid_until_on, today)) for interest in queries.list_of(company)
    ]
    shown = count_by_guarantee(company.id)
    return render_template("interests/mine.html", company=company, rows=rows, shown=shown)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.INTEREST_WRITE)
def new() -> ResponseReturnValue:
    """Ask the five questions, store the answers and show the first matches."""
    company = _company()
    form = InterestForm(data=first_answers(company))
    if form.validate_on_submit():
        answers = form.to_answers()
        with transaction():
            interest = service.create(company, answers, actor=acting_user(), at=clock.now())
            number, is_verified = interest.number, company.is_verified
        _flash_saved(is_verified=is_verified)
        return redirect(url_for("introductions.matches_for_interest", number=number), code=303)
    return render_template("interests/new.html", form=form, company=company), _status_of(form)


@bp.get("/<interest_number:number>")
@requires(Permission.MATCH_READ)
def show(number: str) -> ResponseReturnValue:
    """Show one interest, as far as the person may know it."""
    user, today = acting_user(), clock.today()
    interest = queries.find_for(user, number, on=today) or find_interest_met_by(user, number) or abort(404)
    disclosure = disclosure_for(user)
    return render_template(
        "interests/show.html",
        interest=interest,
        is_own=queries.is_own(user, interest),
        is_listed=queries.is_listed(interest, today),
        status=status_on(interest.status, interest.valid_until_on, today),
        company_name=disclosure.company(interest),
        knows_company=disclosure.knows_company(interest),
        rows=interest_rows(interest, disclosure),
    )


@bp.route("/<interest_number:number>/edit", methods=["GET", "POST"])
@requires(Permission.INTEREST_WRITE)
def edit(number: str) -> ResponseReturnValue:
    """Change the answers; two people editing at once see both texts."""
    interest = _own(number)
    form = InterestForm(data=filled(answers_of(interest), interest.version))
    if form.validate_on_submit():
        answers, version = form.to_answers(), hidden_number(form.version.data)
        try:
            with transaction():
                service.update(interest, answers, version=version, actor=acting_user(), at=clock.now())
        except EditConflict:
            return render_template("errors/conflict.html", conflict=conflict_of(form, _own(number))), 409
        except DomainError as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("interests.show", number=number), code=303)
        _flash_saved(is_verified=_company().is_verified)
        return redirect(url_for("introductions.matches_for_interest", number=number), code=303)
    return render_template("interests/edit.html", form=form, interest=interest), _status_of(form)


@bp.post("/<interest_number:number>/pause")
@requires(Permission.INTEREST_WRITE)
def pause(number: str) -> ResponseReturnValue:
    """Take the interest out of sight for a while."""
    interest = _own(number)
    acted(
        lambda at: service.pause(interest, actor=acting_user(), at=at),
        _("休止しました。再開するまで、NPOには表示されません。"),
    )
    return redirect(url_for("interests.show", number=number), code=303)


@bp.post("/<interest_number:number>/resume")
@requires(Permission.INTEREST_WRITE)
def resume(number: str) -> ResponseReturnValue:
    """Show a paused interest again."""
    interest = _own(number)
    acted(lambda at: service.resume(interest, actor=acting_user(), at=at), _("再開しました。"))
    return redirect(url_for("interests.show", number=number), code=303)


@bp.post("/<interest_number:number>/end")
@requires(Permission.INTEREST_WRITE)
def end(number: str) -> ResponseReturnValue:
    """Close the interest for good."""
    interest = _own(number)
    acted(lambda at: service.end(interest, actor=acting_user(), at=at), _("終了しました。記録は残ります。"))
    return redirect(url_for("interests.show", number=number), code=303)


@bp.post("/<interest_number:number>/renew")
@requires(Permission.INTEREST_WRITE)
def renew(number: str) -> ResponseReturnValue:
    """Let the interest run for another year."""
    interest = _own(number)
    try:
        with transaction():
            last_day = service.renew(interest, actor=acting_user(), at=clock.now())
        flash(_("期限を%(day)sまでにしました。", day=japanese_date(last_day)), "success")
    except DomainError as refusal:
        flash(str(refusal), "error")
    return redirect(url_for("interests.show", number=number), code=303)


def _company() -> Organisation:
    return acting_user().organisation or abort(404)


def _own(number: str) -> Interest:
    return queries.find_own(acting_user(), number) or abort(404)


def _status_of(form: InterestForm) -> int:
    return 422 if form.errors else 200


def _flash_saved(*, is_verified: bool) -> None:
    if is_verified:
        flash(_("保存しました。合う提案を、点数の高い順に表示しています。"), "success")
    else:
        flash(_("保存しました。事務局が企業の確認をすませると、NPOにも表示されます。"), "success")
