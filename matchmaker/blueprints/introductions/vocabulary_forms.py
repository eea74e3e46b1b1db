"""A row of the vocabulary as an administrator types it, a whole table as a file, and the words that go with both."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from matchmaker.blueprints.forms import CheckboxesField, ChoiceField, DayField, Form, LineField, tidied, tidied_line
from matchmaker.introductions.vocabulary_rules import IMPLYING, KEYS, LONGEST_REASON, Names, choices_of, column_label
from matchmaker.matching.terms import Prefecture
from matchmaker.matching.vocabulary import Row

LONGEST_NOTE = 500
_TERMS = {"source": "source_vocabulary", "target": "target_vocabulary", "term": "vocabulary"}
"""Fields that hold a term with its closed vocabulary, "field/tourism", and the column of the vocabulary."""
_SETS = ("neighbours", "prefectures")


def _reason(label: Any, missing: Any, most: int = LONGEST_REASON) -> LineField:
    too_long = _l("%(most)s文字以内で入力してください", most=most)
    return LineField(label, validators=[DataRequired(missing), Length(max=most, message=too_long)])


class RowForm(Form):
    """One row: the columns of its table as fields. What names a row is no field once the row is there."""

    seen = HiddenField()

    def __init__(self, table: str, names: Names, row: Row | None, seen: str = "", *, is_sent: bool = True) -> None:
        self._table, self._row = table, row
        values = {"seen": seen, **(_values_of(row) if row is not None else {})}
        super().__init__(*([] if is_sent else [None]), data=values)
        for field in self:
            if field.name in _TERMS or field.name in {"topic", "line"}:
                field.choices = _choices(field.name, names)
            if field.name in _SETS or field.name == "prefecture":
                field.choices = [SelectChoice(value=one.value, label=one.label) for one in Prefecture]
            if field.name not in {"seen", "csrf_token"}:
                field.label.text = column_label(table, field.name)
        if row is not None:
            for column in KEYS[table]:
                if column in self:
                    del self[column]

    def to_row(self) -> dict[str, str]:
        """Return the row as typed, with the columns that name it."""
        row = {column: self._row[column] for column in KEYS[self._table]} if self._row is not None else {}
        for field in self:
            value = field.data or ""
            if field.name in _TERMS:
                row[_TERMS[field.name]], _slash, row[field.name] = value.partition("/")
            elif field.name in _SETS:
                row[field.name] = " ".join(value or [])
            elif field.name not in {"seen", "csrf_token"}:
                row[field.name] = value
        return row

    def refuse(self, faults: Mapping[str, str]) -> None:
        """Put sentences beside the fields of their columns."""
        field_of = {column: name for name, column in _TERMS.items()}
        for column, sentence in faults.items():
            name = column if column in self else field_of.get(column, "")
            self[name if name in self else "reason"].errors = [sentence]


class CrosswalkForm(RowForm):
    source = ChoiceField()
    target = ChoiceField()
    weight_percent = LineField(description="%")
    reason = LineField()


class ConceptForm(RowForm):
    code = LineField()
    label = LineField()
    words = TextAreaField(filters=[tidied_line])
    reason = LineField()


class TermTopicForm(RowForm):
    term = ChoiceField()
    topic = ChoiceField()
    weight_percent = LineField(description="%")
    reason = LineField()


class LineTopicForm(RowForm):
    line = ChoiceField()
    topic = ChoiceField()
    weight_percent = LineField(description="%")
    reason = LineField()


class NeighbourForm(RowForm):
    prefecture = ChoiceField()
    neighbours = CheckboxesField()
    reason = LineField()


class WideRegionForm(RowForm):
    name = LineField()
    prefectures = CheckboxesField()
    reason = LineField()


FORMS: dict[str, type[RowForm]] = {
    "crosswalk": CrosswalkForm,
    "topics": ConceptForm,
    "term_topics": TermTopicForm,
    "lines_of_business": ConceptForm,
    "line_topics": LineTopicForm,
    "neighbours": NeighbourForm,
    "wide_regions": WideRegionForm,
}


class RetireForm(Form):
    """Why a row is taken out."""

    retire_reason = _reason(_l("外す理由・出典"), _l("外す理由か出典を入力してください"))
    retire_seen = HiddenField()


class UploadForm(Form):
    """A whole table as a file."""

    file = FileField(_l("CSVファイル"))
    retire_reason = _reason(
        _l("変える理由・出典"), _l("変える理由か出典を入力してください（ファイルから消えた行の理由になります）")
    )
    seen = HiddenField()


class UseVocabularyForm(Form):
    """Why an edition is made, from when it is used, and the draft that was looked at."""

    seen = HiddenField()
    in_force_from_on = DayField(_l("使い始める日"), validators=[InputRequired(_l("使い始める日を入力してください"))])
    reason = TextAreaField(
        _l("この版の理由"),
        filters=[tidied],
        validators=[
            DataRequired(_l("この版の理由を入力してください")),
            Length(max=LONGEST_NOTE, message=_l("500文字以内で入力してください")),
        ],
    )

    @property
    def first_day(self) -> date:
        """The day of a valid form."""
        if self.in_force_from_on.data is None:
            raise ValueError("the form is not valid")
        day: date = self.in_force_from_on.data
        return day


class DraftForm(Form):
    """A button that changes the whole draft: it holds the state of the draft that the person saw."""

    seen = HiddenField()


class SearchForm(PlainForm):
    """What narrows the list of a table's rows."""

    words = LineField(_l("言葉でさがす"))
    changed = BooleanField(_l("下書きで変えた行だけ"))

    def __init__(self, asked: MultiDict[str, str]) -> None:
        super().__init__(asked)


def _values_of(row: Row) -> dict[str, Any]:
    values: dict[str, Any] = dict(row)
    for column in _SETS:
        if column in row:
            values[column] = row[column].split()
    return values


def _choices(name: str, names: Names) -> Any:
    nothing = SelectChoice(value="", label=_("選んでください"))
    if name in {"topic", "line"}:
        known = names.topics if name == "topic" else names.lines
        return [nothing, *(SelectChoice(value=code, label=label) for code, label in known.items())]
    vocabularies = {"source": IMPLYING, "target": ("theme", "sdg"), "term": IMPLYING}[name]
    groups = {
        group: [SelectChoice(value=value, label=label) for value, label in terms]
        for group, terms in choices_of(vocabularies).items()
    }
    return {"": [nothing], **groups}
