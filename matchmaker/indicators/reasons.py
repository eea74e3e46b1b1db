"""The sentences that say why a project counts in a fiscal year, or why it does not."""

from collections.abc import Sequence

from matchmaker.foundation import fiscal_year
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators.counting import Obstacle, Verdict
from matchmaker.projects.states import Recorded
from matchmaker.projects.status import PartnerKind


def sentences_of(project: Recorded, verdict: Verdict) -> list[str]:
    """Return one sentence why the project counts, or one for each thing that speaks against it."""
    if verdict.is_counted:
        return [_why_counted(project, verdict.fy)]
    return [_why_not(project, obstacle) for obstacle in verdict.obstacles]


def _why_counted(project: Recorded, fy: int) -> str:
    return _(
        "%(division)sと%(npo)sが「%(form)s」の形で行い、実施期間（%(first)s～%(last)s）が%(year)sにかかるため",
        division=_first_of(project.divisions),
        npo=_first_of([row.name for row in project.partners if row.kind is PartnerKind.NPO]),
        form=project.form.label if project.form else "",
        first=fiscal_year.japanese_date(project.starts_on) if project.starts_on else "",
        last=fiscal_year.japanese_date(project.ends_on) if project.ends_on else "",
        year=fiscal_year.label(fy),
    )


def _why_not(project: Recorded, obstacle: Obstacle) -> str:
    if obstacle is Obstacle.FORM_OUTSIDE_RULE and project.form:
        return _("協働の形態が「%(form)s」で、数え方の対象に入っていないため", form=project.form.label)
    if obstacle is Obstacle.MERGED and project.merged_into and project.merged_on:
        return _(
            "%(day)sに %(number)s に統合されたため（統合された先の事業で数えます）",
            day=fiscal_year.japanese_date(project.merged_on),
            number=project.merged_into,
        )
    if obstacle is Obstacle.OUTSIDE_PERIOD and project.starts_on and project.ends_on:
        return _(
            "実施期間（%(first)s～%(last)s）がこの年度にかかっていないため",
            first=fiscal_year.japanese_date(project.starts_on),
            last=fiscal_year.japanese_date(project.ends_on),
        )
    return _(obstacle.label)


def _first_of(names: Sequence[str]) -> str:
    """The first name, and how many more there are."""
    if len(names) > 1:
        return _("%(name)sほか%(count)s者", name=names[0], count=len(names) - 1)
    return names[0]
