"""Companies that take part: the figures, the public roll, and the certificate of one's own company."""

import io

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.indicators.blueprint import bp
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import participation, participation_paper
from matchmaker.indicators.participation_models import Participation
from matchmaker.permissions.grants import Permission


@bp.get("/participation", endpoint="participation")
@public
def show_participation() -> ResponseReturnValue:
    """How many companies take part, by fiscal year, and those that want to be named."""
    return render_template(
        "indicators/participation.html",
        years=participation.latest_by_year(),
        measures=list(Participation),
        roll=participation.list_roll(),
    )


@bp.post("/participation/count")
@requires(Permission.INDICATOR_ENTER)
def count_participation() -> ResponseReturnValue:
    """Count the current fiscal year as the records stand now."""
    with transaction():
        taken = participation.take(at=clock.now())
    flash(_("数えました。") if taken else _("前に数えたときから、変わったところはありません。"), "info")
    return redirect(url_for("indicators.participation"), code=303)


@bp.get("/participation/<fiscal_year:fy>")
@requires(Permission.INDICATOR_ENTER)
def participation_members(fy: int) -> ResponseReturnValue:
    """The companies behind the figures of a year. Names of companies are open to the office alone."""
    snapshot = participation.latest(fy) or abort(404)
    return render_template(
        "indicators/participation_members.html",
        snapshot=snapshot,
        members={measure: participation.companies_of(snapshot.numbers(measure)) for measure in Participation},
    )


@bp.route("/participation/mine", methods=["GET", "POST"])
@requires(Permission.INTEREST_WRITE)
def my_participation() -> ResponseReturnValue:
    """What one's own company does, its tick for the public roll, and its certificate."""
    organisation = _own()
    if request.method == "POST":
        return _tick(organisation, wants=request.form.get("is_named") == "y")
    return render_template(
        "indicators/my_participation.html",
        organisation=organisation,
        entry=participation.entry_of(organisation),
        activity=participation.activity_of(organisation, clock.today()),
    )


@bp.get("/participation/certificate.pdf")
@requires(Permission.INTEREST_WRITE)
def participation_certificate() -> ResponseReturnValue:
    """The certificate of a company on the roll."""
    organisation = _own()
    activity = participation.activity_of(organisation, clock.today())
    if participation.entry_of(organisation) is None or not organisation.is_verified or not activity.is_any:
        abort(404)
    content = participation_paper.certificate(organisation, activity, on=clock.today())
    name = f"certificate-{organisation.number}-{fiscal_year.code(fiscal_year.fiscal_year_of(clock.today()))}.pdf"
    answer = send_file(io.BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _own() -> Organisation:
    organisation = acting_user().organisation
    if organisation is None or organisation.side is not Side.COMPANY:
        abort(404)
    return organisation


def _tick(organisation: Organisation, *, wants: bool) -> ResponseReturnValue:
    change = participation.enter_roll if wants else participation.leave_roll
    acted(
        lambda at: change(organisation, actor=acting_user(), at=at),
        _("名簿にのせました。参加証を受け取れます。") if wants else _("名簿からはずしました。"),
    )
    return redirect(url_for("indicators.my_participation"), code=303)
