"""The four indicators of 施策214. Pure.

Source: 三重県「平成25年度当初予算 施策別取組概要」施策214 「NPOの参画による『協創』の社会づくり」. It prints a
definition for the prefectural indicator alone; those of the three activity indicators are not in it, and none is made
up here.
"""

from dataclasses import dataclass
from decimal import Decimal

from matchmaker.matching.terms import Term

POLICY_YEARS = range(2011, 2016)
"""The fiscal years that the policy prints columns for: H23 (現状値) to H27."""

BASE_FY = 2011
"""The fiscal year whose actuals the policy prints as 現状値."""

TARGET_YEARS = range(2012, 2016)
"""The fiscal years of the policy's targets; the column of H26 is there, and empty."""


class Kind(Term):
    """Which group the policy puts an indicator in."""

    PREFECTURAL = "prefectural", "県民指標"
    ACTIVITY = "activity", "活動指標"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator; ``definition`` is None where the policy prints none; ``has_ledger`` when projects here feed it.

    ``is_survey``: found by asking people, and the sources do not say how many answered.
    """

    key: str
    title: str
    unit: str
    kind: Kind
    definition: str | None = None
    decimals: int = 0
    has_ledger: bool = False
    is_survey: bool = False

    def written(self, value: Decimal) -> str:
        """Return a value as the policy prints it.

        >>> PARTICIPATION.written(Decimal(20)), DONATIONS.written(Decimal(140000))
        ('20.0', '140,000')
        """
        return f"{value:,.{self.decimals}f}"


PARTICIPATION = Indicator(
    key="participation-rate",
    title="NPO・ボランティア・市民活動に参加している住民の割合",
    unit="%",
    kind=Kind.PREFECTURAL,
    definition="e-モニターによるアンケートにおいて、NPO・ボランティア・市民活動への参加状況について、"
    "「参加している」と答えた人の割合",
    decimals=1,
    is_survey=True,
)
DONATIONS = Indicator("donations-to-npo-corporations", "NPO法人に対する寄付金総額", "千円", Kind.ACTIVITY)
CERTIFIED = Indicator("certified-npo-corporations", "認定NPO法人数", "法人", Kind.ACTIVITY)
PROJECTS = Indicator("npo-prefecture-projects", "NPOと県の連携・協働事業数", "事業", Kind.ACTIVITY, has_ledger=True)

INDICATORS = (PARTICIPATION, DONATIONS, CERTIFIED, PROJECTS)


def find(key: str) -> Indicator | None:
    """Return the indicator with this key.

    >>> find("certified-npo-corporations").unit, find("unknown")
    ('法人', None)
    """
    return next((indicator for indicator in INDICATORS if indicator.key == key), None)
