"""The agreement: its versions, what changed between them, and who has signed."""

from datetime import date, datetime
from typing import Any

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.projects.agreement_forms import AgreementForm, PaperForm, SignForm
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.forms import given_day
from matchmaker.blueprints.projects.taking_part import Seat, act, address, conflict_page, page_of, take_seat
from matchmaker.foundation import clock
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.permissions.grants import Permission
from matchmaker.projects import agreements, form_choice, working
from matchmaker.projects.agreement_models import AgreementVersion
from matchmaker.projects.parties import OFFICE_KEY
from matchmaker.projects.status import UNDERWAY
from matchmaker.proposals.differences import difference


@bp.get("/<project_number:number>/agreement")
@requires(Permission.PROJECT_TAKE_PART)
def agreement(number: str) -> ResponseReturnValue:
    """The newest version, who has signed it, and the earlier ones."""
    return _agreement_page(take_seat(number))


@bp.get("/<project_number:number>/agreement/<int(max=9999):version_number>")
@requires(Permission.PROJECT_TAKE_PART)
def agreement_version(number: str, version_number: int) -> ResponseReturnValue:
    """One version as it is printed, and what it changed."""
    seat = take_seat(number)
    version = agreements.find_version(seat.project, version_number) or abort(404)
    before = agreements.find_version(seat.project, version_number - 1)
    return page_of(
        "projects/agreement_version.html",
        seat,
        version=version,
        unsigned=agreements.unsigned_parties(seat.project, version),
        changes=difference(before.text, version.text) if before else [],
        before=before,
    )


@bp.route("/<project_number:number>/agreement/write", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def write_agreement(number: str) -> ResponseReturnValue:
    """Write the first version from what is on record, or the next one from the last."""
    seat = take_seat(number)
    if working.newest_choice(seat.project) is None:
        flash(_("協定の文書をつくる前に、協働の形態を選んでください。"), "info")
        return redirect(address(seat, "choose_form"), code=303)
    newest = agreements.newest_version(seat.project)
    form = AgreementForm(data=_first(seat, newest))
    if not form.validate_on_submit():
        return page_of("projects/write_agreement.html", seat, form, newest=newest)
    return act(
        seat,
        form,
        lambda at: agreements.write(seat.project, form.draft, based_on=form.seen_number, actor=acting_user(), at=at),
        done=_("新しい版を書きました。当事者に署名をお願いするメールを送ります。"),
        to=address(seat, "agreement"),
        conflict=lambda: _text_conflict(seat, form),
    )


@bp.post("/<project_number:number>/agreement/sign")
@requires(Permission.PROJECT_TAKE_PART)
def sign_agreement(number: str) -> ResponseReturnValue:
    """Sign the version that was read, for one's own organisation, division or office."""
    seat = take_seat(number)
    form = SignForm(list(seat.parties), 0)
    if not form.validate_on_submit():
        return _agreement_page(seat, form)
    return _sign(seat, form, clock.today())


@bp.post("/<project_number:number>/agreement/paper")
@requires(Permission.PROJECT_CONFIRM)
def sign_on_paper(number: str) -> ResponseReturnValue:
    """Record a signature that a party put on paper."""
    seat = take_seat(number)
    version = agreements.newest_version(seat.project)
    form = PaperForm(agreements.unsigned_parties(seat.project, version) if version else [], 0)
    if not form.validate_on_submit():
        return _agreement_page(seat, form)
    return _sign(seat, form, given_day(form.signed_on))


def _sign(seat: Seat, form: SignForm, signed_on: date) -> ResponseReturnValue:
    def take(at: datetime) -> None:
        agreements.sign(
            seat.project,
            number=form.seen_number,
            key=form.party.data,
            signer=form.signer.data or "",
            title=form.title.data or "",
            signed_on=signed_on,
            actor=acting_user(),
            at=at,
        )

    return act(seat, form, take, done=_("署名を記録しました。"), to=address(seat, "agreement"))


def _agreement_page(seat: Seat, failed: SignForm | None = None) -> ResponseReturnValue:
    project = seat.project
    version, choice = agreements.newest_version(project), working.newest_choice(project)
    unsigned = agreements.unsigned_parties(project, version) if version else []
    is_open = version is not None and version.effective_on is None and project.status in UNDERWAY
    forms = _sign_forms(seat, version, unsigned) if version is not None and is_open else {}
    if failed is not None:
        forms[failed.prefix_word] = failed
    return page_of(
        "projects/agreement.html",
        seat,
        failed,
        version=version,
        versions=agreements.list_versions(project),
        unsigned=unsigned,
        choice=choice,
        type=form_choice.type_of(choice.form, choice.has_public_cost) if choice else None,
        may_write=agreements.may_write(project),
        forms=forms,
    )


def _sign_forms(seat: Seat, version: AgreementVersion, unsigned: list[Any]) -> dict[str, SignForm]:
    """The forms that the reader may fill in: for own parties, and for the office also the paper of the others."""
    forms: dict[str, SignForm] = {}
    own = [party for party in unsigned if party.key in seat.keys]
    others = [party for party in unsigned if party.key not in seat.keys]
    if own:
        forms["sign"] = SignForm(own, version.number, None, signer=acting_user().name)
    if OFFICE_KEY in seat.keys and others:
        forms["paper"] = PaperForm(others, version.number, None)
    return forms


def _first(seat: Seat, newest: AgreementVersion | None) -> dict[str, Any]:
    project, today = seat.project, clock.today()
    if newest is not None:
        return {
            "based_on": newest.number,
            "starts_on": newest.starts_on,
            "ends_on": newest.ends_on,
            "text": newest.text,
        }
    choice = working.newest_choice(project)
    label = choice.form.label if choice else ""
    first, last = project.starts_on or today, project.ends_on or project.starts_on or today
    return {
        "based_on": 0,
        "starts_on": first,
        "ends_on": last,
        "text": agreements.first_draft(project, label, first, last),
    }


def _text_conflict(seat: Seat, form: AgreementForm) -> ResponseReturnValue:
    newest = agreements.newest_version(seat.project)
    theirs = newest or abort(409)
    texts = [
        (_("協定の文書"), form.text.data, theirs.text),
        (_("始まる日"), japanese_date(given_day(form.starts_on)), japanese_date(theirs.starts_on)),
        (_("終わる日"), japanese_date(given_day(form.ends_on)), japanese_date(theirs.ends_on)),
    ]
    return conflict_page(
        _("協定の文書"), texts, address=address(seat, "write_agreement"), version=("based_on", theirs.number)
    )
