"""Where a project stands, and what can happen to it. Pure."""

from matchmaker.matching.terms import Term


class ProjectStatus(Term):
    REPORTED = "reported", "報告ずみ（確認前）"
    WORKING = "working", "検討中"
    AGREED = "agreed", "合意"
    STALLED = "stalled", "停滞中"
    DISSOLVED = "dissolved", "解消"
    CONTRACTED = "contracted", "契約・協定ずみ"
    IN_PROGRESS = "in-progress", "実施中"
    COMPLETED = "completed", "完了"
    REFLECTED = "reflected", "ふりかえりずみ"
    CLOSED = "closed", "終了"
    REFUSED = "refused", "確認できず"


class PartnerKind(Term):
    NPO = "npo", "NPO"
    COMPANY = "company", "企業"
    MUNICIPALITY = "municipality", "市町"
    OTHER = "other", "その他"


class ProjectAction(Term):
    """What somebody did to a project; labels are how the history says it."""

    OPEN = "open", "採択により開始"
    REPORT = "report", "報告"
    CONFIRM = "confirm", "内容を確認"
    REFUSE = "refuse", "確認できないと回答"
    AGREE = "agree", "協働の形態に合意"
    EDIT = "edit", "内容を変更"
    MOVE = "move", "状態を変更"


_BEFORE_FORM: dict[ProjectStatus, tuple[ProjectStatus, ...]] = {
    ProjectStatus.WORKING: (ProjectStatus.STALLED, ProjectStatus.DISSOLVED),
    ProjectStatus.STALLED: (ProjectStatus.WORKING, ProjectStatus.DISSOLVED),
}

_WITH_FORM: dict[ProjectStatus, tuple[ProjectStatus, ...]] = {
    ProjectStatus.AGREED: (
        ProjectStatus.CONTRACTED,
        ProjectStatus.IN_PROGRESS,
        ProjectStatus.STALLED,
        ProjectStatus.DISSOLVED,
    ),
    ProjectStatus.CONTRACTED: (ProjectStatus.IN_PROGRESS, ProjectStatus.STALLED, ProjectStatus.DISSOLVED),
    ProjectStatus.IN_PROGRESS: (ProjectStatus.COMPLETED, ProjectStatus.STALLED, ProjectStatus.DISSOLVED),
    ProjectStatus.STALLED: (ProjectStatus.AGREED, ProjectStatus.IN_PROGRESS, ProjectStatus.DISSOLVED),
    ProjectStatus.COMPLETED: (ProjectStatus.REFLECTED, ProjectStatus.CLOSED),
    ProjectStatus.REFLECTED: (ProjectStatus.CLOSED,),
}

NEEDS_REASON = frozenset({ProjectStatus.STALLED, ProjectStatus.DISSOLVED})
"""States that must say why: who is being waited for, or why the parties part."""


def moves_from(status: ProjectStatus, *, has_form: bool) -> tuple[ProjectStatus, ...]:
    """Return the states that the office may set next.

    Reports are confirmed or refused, and a form is agreed; these are steps of their own and no moves.
    Source: the states of the Mie process 2003-2012 (working, agreed, stalled, dissolved, contracted, in progress,
    completed, reflected, closed).

    >>> [status.value for status in moves_from(ProjectStatus.STALLED, has_form=False)]
    ['working', 'dissolved']
    >>> moves_from(ProjectStatus.CLOSED, has_form=True)
    ()
    """
    return (_WITH_FORM if has_form else _BEFORE_FORM).get(status, ())
