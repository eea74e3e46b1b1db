"""Words and dates of delivery. Pure."""

from datetime import date, timedelta

from matchmaker.matching.terms import Term

FINAL_REPORT_AFTER = timedelta(days=30)
LONG_ENOUGH_FOR_PROGRESS = timedelta(days=120)


class ReportKind(Term):
    PROGRESS = "progress", "進捗報告"
    FINAL = "final", "実績報告"


class ReportStatus(Term):
    DUE = "due", "提出待ち"
    SENT = "sent", "確認待ち"
    RETURNED = "returned", "修正依頼中"
    ACCEPTED = "accepted", "受理ずみ"
    WAIVED = "waived", "提出は不要"


OPEN_REPORTS = frozenset({ReportStatus.DUE, ReportStatus.SENT, ReportStatus.RETURNED})
"""Reports that something is still to happen to."""

WRITABLE_REPORTS = frozenset({ReportStatus.DUE, ReportStatus.RETURNED})


class RequestKind(Term):
    CHANGE = "change", "変更"
    STOP = "stop", "中止"


class RequestStatus(Term):
    OPEN = "open", "回答待ち"
    ACCEPTED = "accepted", "認めた"
    DECLINED = "declined", "認めなかった"
    WITHDRAWN = "withdrawn", "取り下げ"


def standard_due_days(starts_on: date, ends_on: date) -> list[tuple[ReportKind, date]]:
    """Return the reports that a project of this period owes: one half way when it is long enough, one after its end.

    >>> [(kind.value, day.isoformat()) for kind, day in standard_due_days(date(2027, 4, 1), date(2028, 3, 31))]
    [('progress', '2027-09-30'), ('final', '2028-04-30')]
    >>> [kind.value for kind, _day in standard_due_days(date(2027, 4, 1), date(2027, 6, 1))]
    ['final']
    """
    due = [(ReportKind.FINAL, ends_on + FINAL_REPORT_AFTER)]
    if ends_on - starts_on >= LONG_ENOUGH_FOR_PROGRESS:
        due.insert(0, (ReportKind.PROGRESS, starts_on + (ends_on - starts_on) // 2))
    return due
