"""When money needs a sentence, and when an amount must be asked about. Whole yen everywhere; knows no database."""

from dataclasses import dataclass

from matchmaker.foundation.fiscal_year import label
from matchmaker.foundation.messages import gettext as _
from matchmaker.matching.terms import Term

ABSURD_TIMES = 10
ABSURD_YEN = 100_000_000
LEAST_PLAUSIBLE_YEN = 1_000


class InstalmentKind(Term):
    ADVANCE = "advance", "概算払"
    PART = "part", "部分払"
    SETTLEMENT = "settlement", "精算払"
    FULL = "full", "完了払"


@dataclass(frozen=True, slots=True)
class ProgrammeYear:
    """One programme in one fiscal year; ``budget_yen`` is None where none is on record."""

    programme: str
    fy: int
    budget_yen: int | None
    allocated_yen: int
    paid_yen: int

    @property
    def remaining_yen(self) -> int | None:
        """What is not yet given to a project; negative when more was given than there is.

        >>> ProgrammeYear("協創", 2026, 5_000_000, 4_200_000, 0).remaining_yen
        800000
        """
        return None if self.budget_yen is None else self.budget_yen - self.allocated_yen


def question_about(yen: int, budget_yen: int | None) -> str:
    """Return the question to ask before an improbable amount is stored, or "" for a plausible one.

    >>> question_about(500_000, 600_000)
    ''
    >>> question_about(60_000_000, 600_000)
    '60,000,000円は、事業費（600,000円）の10倍以上です。まちがいありませんか。'
    """
    if yen and budget_yen and yen >= ABSURD_TIMES * budget_yen:
        return _(
            "%(yen)s円は、事業費（%(budget)s円）の%(times)s倍以上です。まちがいありませんか。",
            yen=f"{yen:,}",
            budget=f"{budget_yen:,}",
            times=ABSURD_TIMES,
        )
    if yen >= ABSURD_YEN:
        return _("%(yen)s円は、1億円以上です。まちがいありませんか。", yen=f"{yen:,}")
    if 0 < yen < LEAST_PLAUSIBLE_YEN:
        return _("%(yen)s円は、千円より少ない額です。「千円」で入力していませんか。", yen=f"{yen:,}")
    if yen == 0:
        return _("0円と入力されています。まちがいありませんか。")
    return ""


def over_programme(year: ProgrammeYear, yen: int, already_yen: int = 0) -> str:
    """Return by how much an allocation would exceed what remains, or "". ``already_yen``: what it replaces.

    >>> over_programme(ProgrammeYear("協創", 2026, 5_000_000, 4_200_000, 0), 1_000_000)
    '「協創」の令和8年度の残り（800,000円）を200,000円こえます。'
    >>> over_programme(ProgrammeYear("協創", 2026, 5_000_000, 4_200_000, 0), 1_000_000, already_yen=400_000)
    ''
    """
    if year.remaining_yen is None:
        return _(
            "「%(programme)s」の%(year)sの予算額が登録されていないので、残りを確かめられません。",
            programme=year.programme,
            year=label(year.fy),
        )
    left = year.remaining_yen + already_yen
    if yen <= left:
        return ""
    return _(
        "「%(programme)s」の%(year)sの残り（%(left)s円）を%(over)s円こえます。",
        programme=year.programme,
        year=label(year.fy),
        left=f"{left:,}",
        over=f"{yen - left:,}",
    )


def over_allocation(allocated_yen: int, committed_yen: int, yen: int) -> str:
    """Return by how much payments (paid, or still planned) would exceed what the project was given, or "".

    >>> over_allocation(600_000, 400_000, 300_000)
    '割り当てた額（600,000円）を100,000円こえます。'
    """
    over = committed_yen + yen - allocated_yen
    if over <= 0:
        return ""
    return _("割り当てた額（%(given)s円）を%(over)s円こえます。", given=f"{allocated_yen:,}", over=f"{over:,}")
