"""Choose the call that a draft is written for."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.forms import Form
from matchmaker.blueprints.proposals.blueprint import bp
from matchmaker.blueprints.proposals.lookup import own_editable
from matchmaker.foundation import clock
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review import joining
from matchmaker.review.call_queries import list_current


class ChooseCallForm(Form):
    """One of the calls with one of its themes, or none."""

    choice = RadioField(_l("応募する募集"), validate_choice=False)

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(data={"choice": joining.chosen_value(proposal)})
        offered = joining.choices(proposal, clock.now())
        self.choice.choices = [SelectChoice(value=one.value, label=one.label) for one in offered]

    def validate_choice(self, field: RadioField) -> None:
        # Whether a call that was offered still takes the draft is for the service to say.
        if not field.raw_data or len(field.data) > 40:
            raise ValidationError(_("募集を選んでください"))


@bp.route("/<proposal_number:number>/call", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_WRITE)
def choose_call(number: str) -> ResponseReturnValue:
    """Say for which call and theme the draft is; the rule of each is on the page."""
    proposal = own_editable(number)
    form = ChooseCallForm(proposal)
    if form.validate_on_submit():
        if not acted(
            lambda at: joining.choose(proposal, form.choice.data, actor=acting_user(), at=at),
            _("応募する募集を保存しました。"),
        ):
            return redirect(url_for("proposals.choose_call", number=number), code=303)
        return redirect(url_for("proposals.edit", number=number), code=303)
    calls = list_current(clock.now())
    page = render_template("proposals/choose_call.html", form=form, proposal=proposal, calls=calls)
    return page, 422 if form.errors else 200
