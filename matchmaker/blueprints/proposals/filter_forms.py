"""What narrows the lists of proposals."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from matchmaker.blueprints.forms import Form, LineField
from matchmaker.blueprints.proposals.forms import choices_of, optional_choices, places_of_mie
from matchmaker.foundation.fiscal_year import label
from matchmaker.matching.terms import ActivityField, Prefecture, ResourceKind
from matchmaker.proposals.queries import (
    OF_PREFECTURE,
    Order,
    PastFilter,
    PublicFilter,
    list_past_results,
    list_past_schemes,
    list_past_years,
)
from matchmaker.proposals.status import UNKNOWN_RESULT, PublicStage


class FilterForm(Form):
    """The parent of what narrows a list: read from the address, where anything unknown means "not narrowed"."""

    class Meta(Form.Meta):
        csrf = False

    def __init__(self, asked: MultiDict[str, str]) -> None:
        super().__init__(asked)

    def chosen(self, name: str) -> str:
        """Return a field's value when it is one of its choices, else ""."""
        field = self[name]
        return str(field.data) if field.data in {choice.value for choice in field.iter_choices()} else ""

    def url_for_page(self, number: int) -> str:
        """Return the address of another page of the list as it is narrowed now."""
        return self._url(page=number)

    def _url(self, *, without: str = "", page: int | None = None) -> str:
        """Only our own names are kept from the address: others could steer ``url_for``."""
        kept: dict[str, Any] = {
            name: field.raw_data for name, field in self._fields.items() if field.raw_data and name != without
        }
        return url_for(str(request.endpoint), **kept, page=page)

    def applied(self) -> list[tuple[str, str]]:
        """Return what narrows the list now, each with the address without it."""
        narrowing = (field for field in self if field.name != "sort" and self._narrows(field))
        return [(self._in_words(field), self._url(without=field.name)) for field in narrowing]

    def _narrows(self, field: Any) -> bool:
        return bool(self.chosen(field.name) if isinstance(field, SelectField) else field.data)

    @staticmethod
    def _in_words(field: Any) -> str:
        if isinstance(field, BooleanField):
            return str(field.label.text)
        value = field.data
        if isinstance(field, SelectField):
            value = next(choice.label for choice in field.iter_choices() if choice.value == field.data)
        return _("%(label)s：%(value)s", label=field.label.text, value=value)


class PublicFilterForm(FilterForm):
    """Narrows the public list of proposals."""

    q = LineField(_l("ことば"))
    field = SelectField(_l("活動の分野"), choices=optional_choices(ActivityField, _l("すべて")))
    place = SelectField(_l("地域"))
    exact = BooleanField(_l("県全体など、広い地域の提案をのぞく"))
    need = SelectField(_l("必要なもの"), choices=optional_choices(ResourceKind, _l("すべて")))
    stage = SelectField(_l("いまの段階"), choices=optional_choices(PublicStage, _l("すべて")))
    open = BooleanField(_l("受付中だけ"))
    sort = SelectField(_l("並べ方"), choices=choices_of(Order))

    def __init__(self, asked: MultiDict[str, str]) -> None:
        super().__init__(asked)
        prefectures = [one for one in Prefecture if one is not Prefecture.MIE]
        self.place.choices = [
            SelectChoice(value="", label=_("すべて")),
            *places_of_mie(),
            *(SelectChoice(value=one.value, label=one.label, optgroup=_("ほかの都道府県")) for one in prefectures),
        ]

    def _narrows(self, field: Any) -> bool:
        """Wider areas are left out round a place only."""
        return super()._narrows(field) and (field.name != "exact" or bool(self.chosen("place")))

    def wanted(self) -> PublicFilter:
        field, need, stage = self.chosen("field"), self.chosen("need"), self.chosen("stage")
        return PublicFilter(
            words=self.q.data,
            field=ActivityField(field) if field else None,
            place=self.chosen("place"),
            is_place_exact=self.exact.data,
            need=ResourceKind(need) if need else None,
            stage=PublicStage(stage) if stage else None,
            is_open=self.open.data,
            order=Order(self.chosen("sort") or Order.NEW),
        )


class PastFilterForm(FilterForm):
    """Narrows the proposals of earlier years."""

    q = LineField(_l("ことば"))
    year = SelectField(_l("年"))
    scheme = SelectField(_l("制度"))
    result = SelectField(_l("結果"))

    def __init__(self, asked: MultiDict[str, str]) -> None:
        super().__init__(asked)
        every = SelectChoice(value="", label=_("すべて"))
        years = [SelectChoice(value=str(year), label=year_label(year)) for year in list_past_years()]
        self.year.choices = [every, *years]
        own = SelectChoice(value=OF_PREFECTURE, label=_("三重県の「NPOからの協働事業提案」"))
        self.scheme.choices = [every, own, *(SelectChoice(value=scheme) for scheme in list_past_schemes())]
        results = [SelectChoice(value=result, label=result_label(result)) for result in list_past_results()]
        self.result.choices = [every, *results]

    def wanted(self) -> PastFilter:
        year = self.chosen("year")
        return PastFilter(
            words=self.q.data,
            year=int(year) if year else None,
            scheme=self.chosen("scheme"),
            result=self.chosen("result"),
        )


def year_label(year: int) -> str:
    """Return a calendar year as 「平成15年（2003年）」."""
    return _("%(era)s（%(year)s年）", era=label(year).removesuffix("度"), year=year)


def result_label(result: str) -> str:
    """Return a published result; where none was found it says so."""
    return _("不明") if result == UNKNOWN_RESULT else result
