"""What a call says, apart from how it is stored: its dates in order, moved by a year, and in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from matchmaker.foundation.clock import JAPAN
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.review.call_models import StageKind

LAST_SECOND = time(23, 59, 59)
"""A deadline day ends at 23:59; the whole minute counts."""


@dataclass(frozen=True, slots=True)
class ThemeFacts:
    """A theme of a division; ``number`` is "" for one that is new."""

    number: str
    division_id: int
    title: str
    issue: str
    wish: str


@dataclass(frozen=True, slots=True)
class StageFacts:
    """A stage of the judgement and its day."""

    kind: StageKind
    held_on: date
    place: str = ""


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """A criterion with its weight (1 to 10) and the range of its scores."""

    name: str
    description: str = ""
    weight: int = 1
    least_score: int = 1
    most_score: int = 5


@dataclass(frozen=True, slots=True)
class CallFacts:
    """All that the office writes into a call. Days are days in Japan: it opens at 0:00 and closes at 23:59."""

    title: str
    aim: str
    eligibility: str
    publication_rules: str
    accepts_free_theme: bool
    consultation_from_on: date | None
    opens_on: date
    closes_on: date
    grace_minutes: int
    pass_percent: int | None
    themes: tuple[ThemeFacts, ...] = ()
    stages: tuple[StageFacts, ...] = ()
    criteria: tuple[CriterionFacts, ...] = ()


FROZEN_ONCE_OPEN = {
    "opens_on": "募集を始める日",
    "eligibility": "応募できる団体と事業",
    "accepts_free_theme": "自由テーマ",
    "themes": "県が募集するテーマ",
    "criteria": "審査基準",
    "pass_percent": "採択の目安",
}
"""What nobody may change once people can submit: they wrote for these."""


def opening_of(day: date) -> datetime:
    """Return the first moment of a day in Japan.

    >>> opening_of(date(2026, 6, 1)).isoformat()
    '2026-06-01T00:00:00+09:00'
    """
    return datetime.combine(day, time(0), JAPAN)


def closing_of(day: date) -> datetime:
    """Return the last second of a day's 23:59 in Japan.

    >>> closing_of(date(2026, 6, 30)).isoformat()
    '2026-06-30T23:59:59+09:00'
    """
    return datetime.combine(day, LAST_SECOND, JAPAN)


def moved_a_year(facts: CallFacts) -> CallFacts:
    """Return the call of the following year: every day a year later, its themes without their numbers.

    >>> year_later(date(2028, 2, 29))
    datetime.date(2029, 2, 28)
    """
    return replace(
        facts,
        consultation_from_on=year_later(facts.consultation_from_on) if facts.consultation_from_on else None,
        opens_on=year_later(facts.opens_on),
        closes_on=year_later(facts.closes_on),
        themes=tuple(replace(theme, number="") for theme in facts.themes),
        stages=tuple(replace(stage, held_on=year_later(stage.held_on)) for stage in facts.stages),
    )


def year_later(day: date) -> date:
    """Return the same day of the next year; 29 February becomes 28 February.

    >>> year_later(date(2026, 6, 1))
    datetime.date(2027, 6, 1)
    """
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(day.year + 1, day.month, last)


def dates_out_of_order(facts: CallFacts) -> dict[str, str]:
    """Return what is wrong with the days, by the name of the field; empty when they follow each other."""
    wrong = {}
    if facts.closes_on < facts.opens_on:
        wrong["closes_on"] = _("締め切りは、募集を始める日と同じか、あとの日にしてください")
    if facts.consultation_from_on and facts.consultation_from_on > facts.closes_on:
        wrong["consultation_from_on"] = _("事前意見交換は、締め切りより前に始めてください")
    days = {stage.kind: stage.held_on for stage in facts.stages}
    papers, presentation = days.get(StageKind.PAPERS), days.get(StageKind.PRESENTATION)
    if papers and papers <= facts.closes_on:
        wrong["papers_on"] = _("第1次審査の日は、締め切りのあとの日にしてください")
    if presentation and presentation <= max(papers or facts.closes_on, facts.closes_on):
        wrong["presentation_on"] = _("公開プレゼンテーションの日は、締め切りと第1次審査のあとの日にしてください")
    return wrong


def missing_to_publish(facts: CallFacts, *, on: date) -> list[str]:
    """Return what people would have to know before they write a proposal and the call does not say."""
    asked = {
        _("募集の目的を入力してください"): facts.aim,
        _("応募できる団体と事業を入力してください"): facts.eligibility,
        _("公開と情報の扱いの決まりを入力してください"): facts.publication_rules,
        _("審査基準を1つ以上入力してください"): facts.criteria,
        _("審査の日を1つ以上入力してください"): facts.stages,
        _("自由テーマを受け付けるか、県が募集するテーマを1つ以上入力してください"): (
            facts.accepts_free_theme or facts.themes
        ),
        _("募集を始める日は、明日よりあとの日にしてください（基準は募集の前に公表する決まりです）"): facts.opens_on
        > on,
    }
    return [words for words, has_it in asked.items() if not has_it]


def in_words(facts: CallFacts, division_names: Mapping[int, str]) -> list[tuple[str, str]]:
    """Return a call as people read it: pairs of label and text; ``division_names`` by id."""
    return [
        (_("名前"), facts.title),
        (_("募集の目的"), facts.aim),
        (FROZEN_ONCE_OPEN["eligibility"], facts.eligibility),
        (
            FROZEN_ONCE_OPEN["accepts_free_theme"],
            _("受け付けます") if facts.accepts_free_theme else _("受け付けません"),
        ),
        (FROZEN_ONCE_OPEN["themes"], "\n\n".join(_theme(theme, division_names) for theme in facts.themes)),
        (
            _("事前意見交換を始める日"),
            japanese_date(facts.consultation_from_on) if facts.consultation_from_on else "",
        ),
        (FROZEN_ONCE_OPEN["opens_on"], japanese_date(facts.opens_on)),
        (_("締め切り"), _("%(day)s 23時59分", day=japanese_date(facts.closes_on))),
        (_("締め切りの猶予"), _("%(minutes)s分", minutes=facts.grace_minutes) if facts.grace_minutes else _("なし")),
        (_("審査の日程"), "\n".join(_stage(stage) for stage in facts.stages)),
        (FROZEN_ONCE_OPEN["criteria"], "\n".join(_criterion(row) for row in facts.criteria)),
        (
            FROZEN_ONCE_OPEN["pass_percent"],
            _("満点の%(percent)s%%以上", percent=facts.pass_percent) if facts.pass_percent else "",
        ),
        (_("公開と情報の扱いの決まり"), facts.publication_rules),
    ]


def _theme(theme: ThemeFacts, division_names: Mapping[int, str]) -> str:
    head = _("%(title)s（%(division)s）", title=theme.title, division=division_names.get(theme.division_id, ""))
    return "\n".join(part for part in (head, theme.issue, theme.wish) if part)


def _stage(stage: StageFacts) -> str:
    place = f"　{stage.place}" if stage.place else ""
    return f"{stage.kind.label}　{japanese_date(stage.held_on)}{place}"


def _criterion(row: CriterionFacts) -> str:
    score = _(
        "%(name)s（%(least)s〜%(most)s点、重み%(weight)s）",
        name=row.name,
        least=row.least_score,
        most=row.most_score,
        weight=row.weight,
    )
    return f"{score}　{row.description}" if row.description else score
