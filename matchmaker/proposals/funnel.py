"""What is known of the proposal scheme of 2003 to 2012: how many were proposed, presented and adopted. Pure.

A number is here only where a published page gives it. What no page gives stays unknown and is never worked out from
other numbers.
"""

from dataclasses import dataclass

from matchmaker.matching.terms import Term


class FunnelStage(Term):
    """How far a proposal came."""

    PROPOSED = "proposed", "提案された数"
    PRESENTED = "presented", "発表した数"
    ADOPTED = "adopted", "採択された数"


@dataclass(frozen=True, slots=True)
class Source:
    """A published page."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FunnelYear:
    """One fiscal year; ``counts`` holds the stages whose number is known, ``source`` the page that gives them."""

    fy: int
    counts: dict[FunnelStage, int]
    source: Source | None
    note: str = ""

    def count(self, stage: FunnelStage) -> int | None:
        """Return the number of a stage, None where it is not known.

        >>> FUNNEL[0].count(FunnelStage.ADOPTED), FUNNEL[1].count(FunnelStage.ADOPTED)
        (3, None)
        """
        return self.counts.get(stage)


_FIRST_REVIEW = Source(
    "三重県 NPOからの協働事業提案 平成15年度の審査", "https://www.pref.mie.lg.jp/NPO/35124030715.htm"
)
_SECOND_REVIEW = Source("三重県 平成16年度の公開審査会", "https://www-pref-mie-lg-jp.cache.yimg.jp/NPO/35140030731.htm")
_MODEL_PROJECTS = Source(
    "三重県 平成23年度のモデル事業",
    "http://40.74.122.252/index.cgi/speech/http://www.pref.mie.lg.jp/NPO/67185030613.htm",
)

FUNNEL: tuple[FunnelYear, ...] = (
    FunnelYear(
        2003,
        {FunnelStage.PROPOSED: 27, FunnelStage.PRESENTED: 13, FunnelStage.ADOPTED: 3},
        _FIRST_REVIEW,
        "採択されなかった2件は、NPO担当課が関係課との話し合いを取りもつことになりました。",
    ),
    FunnelYear(
        2004,
        {FunnelStage.PRESENTED: 10},
        _SECOND_REVIEW,
        "公開の審査会では、10件すべてが発表しました。県庁の24の部署の職員が参加しました。",
    ),
    FunnelYear(2005, {}, None),
    FunnelYear(2006, {}, None),
    FunnelYear(2007, {}, None),
    FunnelYear(2008, {}, None),
    FunnelYear(2009, {}, None),
    FunnelYear(2010, {}, None),
    FunnelYear(
        2011,
        {FunnelStage.PROPOSED: 27, FunnelStage.ADOPTED: 5},
        _MODEL_PROJECTS,
        "27団体から提案がありました。第1次審査のあと、公開プレゼンテーションで第2次審査をしました。",
    ),
    FunnelYear(2012, {}, None),
)
"""Year by year, without gaps. Source: the prefecture's own pages, named beside each number."""

MOST = max(count for year in FUNNEL for count in year.counts.values())
"""The largest number, for bars."""
