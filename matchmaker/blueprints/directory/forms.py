"""Forms of the directory."""

from typing import Any
from urllib.parse import urlencode

from flask import Request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields import DateField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from matchmaker.blueprints.forms import Form, LineField, tidied
from matchmaker.blueprints.organisation_fields import (
    CompanyFields,
    NpoFields,
    OrganisationFields,
    choices,
    mie_choices,
)
from matchmaker.directory import places
from matchmaker.directory.models import Organisation
from matchmaker.directory.queries import DirectoryFilter
from matchmaker.directory.terms import Side
from matchmaker.foundation.text import tidy_line
from matchmaker.matching.terms import ActivityField, Prefecture


class _Versioned(Form):
    version = HiddenField()


class NpoEditForm(NpoFields, _Versioned):
    """An NPO as its members change it."""


class CompanyEditForm(CompanyFields, _Versioned):
    """A company as its members change it."""


def edit_form(organisation: Organisation, *, is_sent: bool = True) -> NpoEditForm | CompanyEditForm:
    """Return the form of the organisation's side, with what was sent (if ``is_sent``) or else with what is stored."""
    stored: dict[str, Any] = {
        "organisation_name": organisation.name,
        "kana": organisation.kana,
        "legal_form": organisation.legal_form.value,
        "corporate_number": organisation.corporate_number or "",
        "municipality": organisation.municipality_code or "",
        "prefecture": "" if organisation.prefecture in {None, Prefecture.MIE} else organisation.prefecture,
        "address": organisation.address,
        "website": organisation.website,
        "description": organisation.description,
        "contact_name": organisation.contact_name,
        "contact_email": organisation.contact_email,
        "contact_phone": organisation.contact_phone,
        "version": str(organisation.version),
        "activity_fields": [field.value for field in organisation.fields],
        "industry": organisation.industry.value if organisation.industry else "",
    }
    form_class = NpoEditForm if organisation.side is Side.NPO else CompanyEditForm
    form = form_class(data=stored) if is_sent else form_class(formdata=None, data=stored)
    _offer_stored_form(form, organisation)
    return form


def _offer_stored_form(form: OrganisationFields, organisation: Organisation) -> None:
    """An entry made from public cases may have a form that its side's list does not offer: it can be kept."""
    if organisation.legal_form not in form.legal_forms:
        form.legal_forms = (*form.legal_forms, organisation.legal_form)
        form.legal_form.choices = [SelectChoice("", _l("選んでください")), *choices(form.legal_forms)]


class RefusalForm(Form):
    """Why an organisation could not be verified."""

    reason = TextAreaField(
        _l("確認できない理由"),
        filters=[tidied],
        validators=[
            DataRequired(_l("理由を入力してください。団体の方にそのまま伝わります")),
            Length(max=1000, message=_l("理由は1000文字以内で入力してください")),
        ],
    )


class DivisionForm(Form):
    """A new division."""

    name = LineField(
        _l("課の名前"),
        validators=[
            DataRequired(_l("課の名前を入力してください")),
            Length(max=80, message=_l("課の名前は80文字以内で入力してください")),
        ],
    )
    department = LineField(
        _l("部の名前"),
        validators=[
            DataRequired(_l("部の名前を入力してください")),
            Length(max=80, message=_l("部の名前は80文字以内で入力してください")),
        ],
    )
    valid_from_on = DateField(_l("始まる日"), validators=[DataRequired(_l("始まる日を、年月日で入力してください"))])


class FilterForm(Form):
    """What narrows the public list, from the address; anything unknown is left out."""

    class Meta(Form.Meta):
        csrf = False

    q = LineField(_l("ことば"))
    side = SelectField(_l("NPOか企業か"), validate_choice=False)
    field = SelectField(_l("活動の分野"), validate_choice=False)
    place = SelectField(_l("場所"), validate_choice=False)
    sort = SelectField(_l("ならべ方"), validate_choice=False)

    def __init__(self, request: Request) -> None:
        super().__init__(formdata=MultiDict(request.args))
        everything = SelectChoice("", _l("すべて"))
        self.side.choices = [everything, *choices(Side)]
        self.field.choices = [everything, *choices(ActivityField)]
        self.place.choices = [
            SelectChoice("", _l("すべて")),
            SelectChoice(Prefecture.MIE.value, _l("三重県のすべて")),
            *(SelectChoice(f"24:{region}", f"{region}地域のすべて") for region in places.MIE_REGIONS),
            *mie_choices("")[1:],
            *(
                SelectChoice(one.value, one.label, optgroup=str(_l("三重県の外")))
                for one in Prefecture
                if one is not Prefecture.MIE
            ),
        ]
        self.sort.choices = [SelectChoice("", _l("名前の五十音順")), SelectChoice("new", _l("新しく確認された順"))]

    def wanted(self) -> DirectoryFilter:
        """Return what the query understands."""
        return DirectoryFilter(
            words=tidy_line(self.q.data or "")[:100],
            side=Side(self.side.data) if self.side.data in set(Side) else None,
            field=ActivityField(self.field.data) if self.field.data in set(ActivityField) else None,
            place=self.place.data if places.is_place_code(self.place.data or "") else "",
            newest_first=self.sort.data == "new",
        )

    def address(self, **other: str | int) -> str:
        """Return the address of the same list with other values; only names of this form are taken over."""
        given = {name: self[name].data for name in ("q", "side", "field", "place", "sort")} | other
        query = urlencode({name: value for name, value in given.items() if value})
        return url_for("directory.list") + (f"?{query}" if query else "")
