"""What a row of the vocabulary has to be, said in sentences beside its field; the same for a form and for a file."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import half_width, tidy_line
from matchmaker.matching.terms import Prefecture, Sdg, Term
from matchmaker.matching.text import clean
from matchmaker.matching.vocabulary import COLUMNS, VOCABULARIES, Row

LONGEST_REASON = 200
LONGEST_LABEL = 30
LONGEST_NAME = 20
LONGEST_WORD = 30
MOST_WORDS = 100

KEYS: dict[str, tuple[str, ...]] = {
    "crosswalk": ("source_vocabulary", "source", "target_vocabulary", "target"),
    "topics": ("code",),
    "term_topics": ("vocabulary", "term", "topic"),
    "lines_of_business": ("code",),
    "line_topics": ("line", "topic"),
    "neighbours": ("prefecture",),
    "wide_regions": ("name",),
}
"""The columns that name a row. They cannot be changed: another name is another row."""

FIXED_ROWS = frozenset({"neighbours"})
"""Tables with one row for each prefecture: none is added or retired."""

DEPENDANTS = {
    "topics": (("term_topics", "topic"), ("line_topics", "topic")),
    "lines_of_business": (("line_topics", "line"),),
}
"""The tables, each with its column, whose rows name a row of a table."""

ALLOWED_LINKS = frozenset({("field", "theme"), ("industry", "theme"), ("theme", "sdg")})
IMPLYING = ("field", "theme", "industry")
"""The closed vocabularies whose terms may make a topic likely."""

Rows = Mapping[str, Sequence[Row]]

_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
_SAYS_NOTHING = re.compile(r"[ぁ-ゖァ-ヺーa-z0-9\W_]")


@dataclass(frozen=True, slots=True)
class Names:
    """Codes of one state of the tables as people read them."""

    topics: Mapping[str, str]
    lines: Mapping[str, str]

    @classmethod
    def of(cls, rows: Rows) -> "Names":
        """Collect the names of topics and lines of business."""
        return cls(
            {row["code"]: row["label"] for row in rows["topics"]},
            {row["code"]: row["label"] for row in rows["lines_of_business"]},
        )


def table_label(table: str) -> str:
    """Return what a table is called."""
    return {
        "crosswalk": _("分野・業種・テーマ・SDGsのつながり"),
        "topics": _("社会の課題と、それを表す語"),
        "term_topics": _("分野・テーマ・業種から考えられる課題"),
        "lines_of_business": _("本業の種類と、それを表す語"),
        "line_topics": _("本業と課題のつながり"),
        "neighbours": _("となりあう都道府県"),
        "wide_regions": _("都道府県より広い地方の名前"),
    }[table]


def table_hint(table: str) -> str:
    """Say in one sentence what a row of a table means."""
    return {
        "crosswalk": _("分野や業種は、どのテーマにどれだけつながるか。テーマは、どのSDGsにつながるか。"),
        "topics": _("提案や企業の文にこの語が出てきたら、その課題の話だと考えます。"),
        "term_topics": _("文に書かれていなくても、選んだ分野・テーマ・業種から考えられる課題です。"),
        "lines_of_business": _("企業の紹介文にこの語が出てきたら、その本業の企業だと考えます。"),
        "line_topics": _("その本業の企業が、どの課題に役立つ手段や理由を、どれだけ持っているか。"),
        "neighbours": _("となりの都道府県どうしの組み合わせに、地域の点を少し入れます。"),
        "wide_regions": _(
            "「東海」などの言い方が、どの都道府県を指すか。事例のファイルを読むための表で、点には関わりません。"
        ),
    }[table]


def column_label(table: str, column: str) -> str:
    """Return what a column is called, in forms and in files."""
    labels = {
        "source_vocabulary": _("もとの種類"),
        "source": _("もとになるもの"),
        "target_vocabulary": _("先の種類"),
        "target": _("つながる先"),
        "vocabulary": _("もとの種類"),
        "term": _("もとになるもの"),
        "topic": _("課題"),
        "line": _("本業"),
        "code": _("記号"),
        "label": _("名前"),
        "words": _("表す語"),
        "weight_percent": _("つながりの強さ（%）"),
        "prefecture": _("都道府県"),
        "neighbours": _("となりの都道府県"),
        "name": _("地方の名前"),
        "prefectures": _("ふくまれる都道府県"),
        "reason": _("理由・出典"),
    }
    if column not in COLUMNS[table]:
        raise KeyError(column)
    return labels[column]


def vocabulary_label(vocabulary: str) -> str:
    """Return what a closed vocabulary is called."""
    return {"field": _("分野"), "theme": _("テーマ"), "sdg": _("SDGs"), "industry": _("業種")}[vocabulary]


def key_of(table: str, row: Row) -> str:
    """Return what names a row in addresses and in the draft.

    >>> key_of("line_topics", {"line": "line-bank", "topic": "finance", "weight_percent": "80", "reason": ""})
    'line-bank/finance'
    """
    return "/".join(row[column] for column in KEYS[table])


def title_of(table: str, row: Row, names: Names) -> str:
    """Return a row's name as people read it: what leads to what."""
    if table in ("topics", "lines_of_business"):
        return row["label"]
    if table in ("neighbours", "wide_regions"):
        column = KEYS[table][0]
        return cell(column, row, names)
    source, target = {
        "crosswalk": ("source", "target"),
        "term_topics": ("term", "topic"),
        "line_topics": ("line", "topic"),
    }[table]
    return f"{cell(source, row, names)} → {cell(target, row, names)}"


def cell(column: str, row: Row, names: Names) -> str:
    """Return one value of a row as people read it; a code that is not known stays as it is."""
    value = row[column]
    if column in ("source", "target", "term"):
        vocabulary = VOCABULARIES.get(row[_VOCABULARY_OF[column]])
        known = vocabulary is not None and value in set(vocabulary)
        return _term_label(vocabulary(value)) if vocabulary is not None and known else value
    if column in _VOCABULARY_OF.values():
        return vocabulary_label(value) if value in VOCABULARIES else value
    if column == "topic":
        return names.topics.get(value, value)
    if column == "line":
        return names.lines.get(value, value)
    if column in ("prefecture", "neighbours", "prefectures"):
        return " ".join(Prefecture(code).label if code in set(Prefecture) else code for code in value.split())
    return value


def tidied_row(table: str, typed: Row) -> dict[str, str]:
    """Return a row in the form in which it is kept: widths and spaces settled, words as texts are compared."""
    row = {column: tidy_line(typed.get(column, "")) for column in COLUMNS[table]}
    if "words" in row:
        row["words"] = " ".join(dict.fromkeys(clean(row["words"]).lower().split()))
    for column in ("neighbours", "prefectures"):
        if column in row:
            row[column] = " ".join(sorted(set(half_width(row[column]).split())))
    if "weight_percent" in row:
        row["weight_percent"] = half_width(row["weight_percent"]).removesuffix("%").strip()
    return row


def faults_of(table: str, row: Row, rows: Rows, *, is_new: bool) -> dict[str, str]:
    """Return what is wrong with a tidied row, one sentence by column; empty when it may be kept.

    Shapes: ``rows`` are all tables as they stand without this change.
    """
    found: dict[str, str] = {}
    for column in COLUMNS[table]:
        sentence = _CHECKS[column](table, row, rows)
        if sentence:
            found[column] = sentence
    if is_new and not found and key_of(table, row) in {key_of(table, one) for one in rows[table]}:
        found[KEYS[table][-1]] = _("同じものがもうあります。その行を直してください。")
    return found


def dependants_of(table: str, key: str, rows: Rows) -> list[tuple[str, str]]:
    """Return table and key of the rows that name a row, which fall with it."""
    return [
        (other, key_of(other, row))
        for other, column in DEPENDANTS.get(table, ())
        for row in rows[other]
        if row[column] == key
    ]


def choices_of(vocabularies: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the terms of closed vocabularies by the vocabulary's label: "field/tourism" and its name."""
    return {
        vocabulary_label(one): [(f"{one}/{term.value}", _term_label(term)) for term in VOCABULARIES[one]]
        for one in vocabularies
    }


_VOCABULARY_OF = {"source": "source_vocabulary", "target": "target_vocabulary", "term": "vocabulary"}


def _term_label(term: Term) -> str:
    return f"{term.value} {term.label}" if isinstance(term, Sdg) else term.label


def _check_reason(_table: str, row: Row, _rows: Rows) -> str:
    if not row["reason"]:
        return _("理由か出典を入力してください")
    return _("%(most)s文字以内で入力してください", most=LONGEST_REASON) if len(row["reason"]) > LONGEST_REASON else ""


def _check_share(_table: str, row: Row, _rows: Rows) -> str:
    typed = row["weight_percent"]
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= 3
    return "" if is_number and 1 <= int(typed) <= 100 else _("1から100までの数で入力してください")


def _check_code(_table: str, row: Row, _rows: Rows) -> str:
    if _CODE.fullmatch(row["code"]):
        return ""
    return _("半角の英小文字で始めて、英小文字・数字・「-」だけで、2～40文字で入力してください")


def _check_label(table: str, row: Row, rows: Rows) -> str:
    label = row["label"]
    if not label:
        return _("名前を入力してください")
    if len(label) > LONGEST_LABEL:
        return _("%(most)s文字以内で入力してください", most=LONGEST_LABEL)
    same = [one["code"] for one in rows[table] if one["label"] == label and one["code"] != row["code"]]
    return _("同じ名前の行があります（%(code)s）。ちがう名前にしてください", code=same[0]) if same else ""


def _check_words(_table: str, row: Row, _rows: Rows) -> str:
    words = row["words"].split()
    if not words:
        return _("表す語を1つ以上、空白で区切って入力してください")
    if len(words) > MOST_WORDS:
        return _("語は%(most)s個までです（いま%(count)s個）", most=MOST_WORDS, count=len(words))
    long = next((word for word in words if len(word) > LONGEST_WORD), "")
    if long:
        return _("「%(word)s」は長すぎます。%(most)s文字以内の語にしてください", word=long, most=LONGEST_WORD)
    bare = next((word for word in words if len(word) == 1 and _SAYS_NOTHING.fullmatch(word)), "")
    if bare:
        return _("「%(word)s」のような、かな・英数字・記号1文字の語は、どの文にも出てくるので使えません", word=bare)
    return ""


def _check_vocabulary(_table: str, row: Row, _rows: Rows) -> str:
    if row["vocabulary"] in IMPLYING:
        return ""
    return _("分野・テーマ・業種のどれかにしてください")


def _check_links(_table: str, row: Row, _rows: Rows) -> str:
    if (row["source_vocabulary"], row["target_vocabulary"]) in ALLOWED_LINKS:
        return ""
    return _("つながりは、分野か業種からテーマへ、またはテーマからSDGsへ作ってください")


def _check_term(column: str) -> Callable[[str, Row, Rows], str]:
    def check(_table: str, row: Row, _rows: Rows) -> str:
        vocabulary = VOCABULARIES.get(row[_VOCABULARY_OF[column]])
        is_known = vocabulary is not None and row[column] in set(vocabulary)
        return "" if is_known else _("選べないものです。選びなおしてください")

    return check


def _check_named(column: str, table: str, sentence: Callable[[], str]) -> Callable[[str, Row, Rows], str]:
    def check(_table: str, row: Row, rows: Rows) -> str:
        return "" if row[column] in {one["code"] for one in rows[table]} else sentence()

    return check


def _check_prefecture(_table: str, row: Row, _rows: Rows) -> str:
    return "" if row["prefecture"] in set(Prefecture) else _("都道府県を選んでください")


def _check_neighbours(_table: str, row: Row, _rows: Rows) -> str:
    if row["prefecture"] in row["neighbours"].split():
        return _("自分自身は、となりに入れられません")
    return _known_prefectures(row["neighbours"])


def _check_prefectures(_table: str, row: Row, _rows: Rows) -> str:
    return _known_prefectures(row["prefectures"]) if row["prefectures"] else _("都道府県を1つ以上選んでください")


def _known_prefectures(codes: str) -> str:
    unknown = [code for code in codes.split() if code not in set(Prefecture)]
    return _("「%(code)s」という都道府県はありません", code=unknown[0]) if unknown else ""


def _check_name(_table: str, row: Row, _rows: Rows) -> str:
    if not row["name"]:
        return _("地方の名前を入力してください")
    return _("%(most)s文字以内で入力してください", most=LONGEST_NAME) if len(row["name"]) > LONGEST_NAME else ""


_CHECKS: dict[str, Callable[[str, Row, Rows], str]] = {
    "source_vocabulary": lambda _table, _row, _rows: "",
    "source": _check_term("source"),
    "target_vocabulary": lambda _table, _row, _rows: "",
    "target": lambda table, row, rows: _check_term("target")(table, row, rows) or _check_links(table, row, rows),
    "vocabulary": _check_vocabulary,
    "term": _check_term("term"),
    "topic": _check_named("topic", "topics", lambda: _("選べない課題です。先に「社会の課題」の表に加えてください")),
    "line": _check_named(
        "line", "lines_of_business", lambda: _("選べない本業です。先に「本業の種類」の表に加えてください")
    ),
    "code": _check_code,
    "label": _check_label,
    "words": _check_words,
    "weight_percent": _check_share,
    "prefecture": _check_prefecture,
    "neighbours": _check_neighbours,
    "name": _check_name,
    "prefectures": _check_prefectures,
    "reason": _check_reason,
}
