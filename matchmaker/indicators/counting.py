"""Which projects count in 「NPOと県の連携・協働事業数」, in which fiscal years, and why not. Pure.

The official definition was not found. The rule is therefore the product's own, and carries a version. Version 1: a
project carried out in the fiscal year (1 April to 31 March) jointly by at least one division of the prefecture and at
least one NPO, in the form of 委託, 補助, 実行委員会・協議会, 共催 or a written 協定, and confirmed by the NPO office.
It counts once in each fiscal year that its period meets.

Source: the scope of the prefecture's own ふりかえり (委託・補助, 実行委員会・協議会, 共催; NPO法人, unincorporated
groups and 実行委員会 alike); fiscal years by 地方自治法 第208条.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from matchmaker.foundation.fiscal_year import first_day, fiscal_year_of, fiscal_years_met, last_day
from matchmaker.matching.terms import LegalForm, Term
from matchmaker.proposals.status import CollaborationForm


class Obstacle(Term):
    """What keeps a project from counting; labels are the reasons as pages say them."""

    REFUSED = "refused", "NPO担当課が、報告の内容を確認できなかったため"
    DISSOLVED = "dissolved", "始まる前に、協働が解消されたため"
    NOT_CONFIRMED = "not-confirmed", "NPO担当課の確認がまだ終わっていないため"
    NO_DIVISION = "no-division", "県の担当課が記録されていないため"
    NO_NPO = "no-npo", "相手方にNPOが記録されていないため"
    NO_FORM = "no-form", "協働の形態がまだ決まっていないため"
    FORM_OUTSIDE_RULE = "form-outside-rule", "協働の形態が、数え方の対象に入っていないため"
    NPO_OUTSIDE_RULE = "npo-outside-rule", "相手方の団体の種類が、数え方の対象に入っていないため"
    DISSOLVED_OUTSIDE_RULE = "dissolved-outside-rule", "途中で解消された事業は、数えない決まりのため"
    MERGED = "merged", "ほかの事業に統合されたため（統合された先の事業で数えます）"
    NO_PERIOD = "no-period", "実施期間がまだ決まっていないため"
    OUTSIDE_PERIOD = "outside-period", "実施期間がこの年度にかかっていないため"
    CONTINUING = "continuing", "前の年度から続く事業は、始めた年度だけ数える決まりのため"


@dataclass(frozen=True, slots=True)
class CountingRule:
    """A version of the rule.

    ``forms`` are the forms of collaboration that count; ``excluded_npos`` the legal forms of partners that do not make
    a project count by themselves; a project that lasts longer counts in each fiscal year or in its first alone; one
    that was dissolved after it began counts until then or not at all.
    """

    version: int
    forms: frozenset[CollaborationForm]
    excluded_npos: frozenset[LegalForm] = frozenset()
    counts_continuing: bool = True
    counts_dissolved: bool = True


RULE_V1 = CountingRule(
    version=1,
    forms=frozenset(
        {
            CollaborationForm.COMMISSION,
            CollaborationForm.SUBSIDY,
            CollaborationForm.COMMITTEE,
            CollaborationForm.CO_HOSTING,
            CollaborationForm.AGREEMENT,
        }
    ),
)


@dataclass(frozen=True, slots=True)
class CountingFacts:
    """All that counting may know of one project. ``npos`` and ``divisions`` are numbers of parties; ``npo_forms`` holds
    the legal forms of the NPOs that are in the directory.

    A project that was dissolved after it began keeps its confirmation and ends on that day; it counts until then. One
    that merged into another counts in the fiscal years before ``merged_on``; from then on the other counts for both.
    """

    form: CollaborationForm | None
    starts_on: date | None
    ends_on: date | None
    npos: int
    divisions: int
    is_confirmed: bool
    is_refused: bool = False
    is_dissolved: bool = False
    merged_on: date | None = None
    npo_forms: tuple[LegalForm, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a project counts in one fiscal year; ``obstacles`` holds every reason against, in a fixed order."""

    fy: int
    obstacles: tuple[Obstacle, ...]
    rule_version: int

    @property
    def is_counted(self) -> bool:
        return not self.obstacles


def judge(facts: CountingFacts, fy: int, rule: CountingRule = RULE_V1) -> Verdict:
    """Return whether a project counts in a fiscal year, and everything that speaks against it.

    >>> two_years = CountingFacts(CollaborationForm.AGREEMENT, date(2026, 3, 31), date(2026, 4, 1), 1, 1, True)
    >>> [judge(two_years, fy).is_counted for fy in (2024, 2025, 2026, 2027)]
    [False, True, True, False]
    >>> reported = CountingFacts(CollaborationForm.SPONSORSHIP, date(2026, 4, 1), date(2026, 9, 1), 1, 0, False)
    >>> [obstacle.value for obstacle in judge(reported, 2026).obstacles]
    ['not-confirmed', 'no-division', 'form-outside-rule']
    """
    return Verdict(fy, (*_standing_obstacles(facts, rule), *_period_obstacles(facts, fy, rule)), rule.version)


def counted_years(facts: CountingFacts, rule: CountingRule = RULE_V1) -> range:
    """Return every fiscal year that a project counts in; they always follow each other.

    >>> whole_year = CountingFacts(CollaborationForm.SUBSIDY, date(2019, 4, 1), date(2020, 3, 31), 1, 1, True)
    >>> list(counted_years(whole_year))
    [2019]
    """
    if facts.starts_on is None or facts.ends_on is None or facts.ends_on < facts.starts_on:
        return range(0)
    if _standing_obstacles(facts, rule):
        return range(0)
    years = fiscal_years_met(facts.starts_on, facts.ends_on)
    if facts.merged_on is not None:
        years = range(years.start, max(years.start, min(years.stop, fiscal_year_of(facts.merged_on))))
    return years if rule.counts_continuing else years[:1]


def years_of_interest(facts: CountingFacts, current_fy: int) -> list[int]:
    """Return the fiscal years that a reader may ask about: those that the period meets, and the current one.

    >>> facts = CountingFacts(None, date(2024, 5, 1), date(2025, 5, 1), 1, 1, True)
    >>> years_of_interest(facts, 2026)
    [2024, 2025, 2026]
    """
    met: Iterable[int] = ()
    if facts.starts_on is not None and facts.ends_on is not None and facts.starts_on <= facts.ends_on:
        met = fiscal_years_met(facts.starts_on, facts.ends_on)
    return sorted({*met, current_fy})


def _standing_obstacles(facts: CountingFacts, rule: CountingRule) -> list[Obstacle]:
    """Everything that speaks against a project in whatever year."""
    found = {
        Obstacle.REFUSED: facts.is_refused,
        Obstacle.DISSOLVED: facts.is_dissolved and not facts.is_confirmed,
        Obstacle.NOT_CONFIRMED: not (facts.is_confirmed or facts.is_refused or facts.is_dissolved),
        Obstacle.NO_DIVISION: facts.divisions == 0,
        Obstacle.NO_NPO: facts.npos == 0,
        Obstacle.NO_FORM: facts.form is None,
        Obstacle.FORM_OUTSIDE_RULE: facts.form is not None and facts.form not in rule.forms,
        Obstacle.NPO_OUTSIDE_RULE: _has_no_counted_npo(facts, rule),
        Obstacle.DISSOLVED_OUTSIDE_RULE: facts.is_dissolved and facts.is_confirmed and not rule.counts_dissolved,
    }
    return [obstacle for obstacle, is_there in found.items() if is_there]


def _has_no_counted_npo(facts: CountingFacts, rule: CountingRule) -> bool:
    """An NPO that the directory does not know is not excluded: nobody knows its legal form."""
    known = len(facts.npo_forms)
    return 0 < known == facts.npos and all(form in rule.excluded_npos for form in facts.npo_forms)


def _period_obstacles(facts: CountingFacts, fy: int, rule: CountingRule) -> list[Obstacle]:
    if facts.starts_on is None or facts.ends_on is None or facts.ends_on < facts.starts_on:
        return [Obstacle.NO_PERIOD]
    if facts.ends_on < first_day(fy) or facts.starts_on > last_day(fy):
        return [Obstacle.OUTSIDE_PERIOD]
    if facts.merged_on is not None and fy >= fiscal_year_of(facts.merged_on):
        return [Obstacle.MERGED]
    if not rule.counts_continuing and fy > fiscal_year_of(facts.starts_on):
        return [Obstacle.CONTINUING]
    return []


def as_data(rule: CountingRule) -> dict[str, Any]:
    """Return a rule as plain values, in a fixed order, for storing and for digests.

    >>> from_data(as_data(RULE_V1)) == RULE_V1
    True
    """
    return {
        "version": rule.version,
        "forms": sorted(form.value for form in rule.forms),
        "excluded_npos": sorted(form.value for form in rule.excluded_npos),
        "counts_continuing": rule.counts_continuing,
        "counts_dissolved": rule.counts_dissolved,
    }


def from_data(data: Mapping[str, Any]) -> CountingRule:
    """Return the rule that ``as_data`` wrote. Errors: KeyError and ValueError for anything else."""
    return CountingRule(
        version=int(data["version"]),
        forms=frozenset(map(CollaborationForm, data["forms"])),
        excluded_npos=frozenset(map(LegalForm, data["excluded_npos"])),
        counts_continuing=bool(data["counts_continuing"]),
        counts_dissolved=bool(data["counts_dissolved"]),
    )
