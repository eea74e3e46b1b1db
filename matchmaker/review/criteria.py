"""The criteria (審査基準) by which a proposal is judged: those of its call, or the standing ones."""

from dataclasses import dataclass

from matchmaker.foundation.database import db
from matchmaker.proposals.models import Proposal
from matchmaker.review.call_models import Call


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion as a score sheet needs it. ``key`` names it for good: a row of the call, or a word."""

    key: str
    name: str
    description: str
    weight: int
    least_score: int
    most_score: int


STANDING: tuple[Criterion, ...] = (
    Criterion("grasp", "課題のとらえ方", "地域の課題を、根拠をもって的確にとらえているか", 1, 1, 5),
    Criterion("novelty", "協働の新しさ", "いまある協働の延長ではない、新しい協働の形か", 1, 1, 5),
    Criterion("together", "協働の必要性と相乗効果", "いっしょに行うことで、別々に行うより大きな効果が出るか", 1, 1, 5),
    Criterion("roles", "役割の分担", "それぞれの役割と責任が、はっきりしていて無理がないか", 1, 1, 5),
    Criterion("benefit", "公益性と広がり", "多くの県民のためになり、ほかの地域にも広がるか", 1, 1, 5),
    Criterion("feasible", "実現の見込み", "方法、日程、体制、費用に無理がないか", 1, 1, 5),
)
"""Used for proposals outside a call.

Source: the published criteria of Mie 2003 (novelty of the collaboration), 千葉県 and 茂原市 (grasp of the issue, effect
together, roles, public benefit, feasible method), as they agree with each other.
"""


def of_call(call: Call) -> tuple[Criterion, ...]:
    """Return a call's criteria in the order of its sheet."""
    return tuple(
        Criterion(str(row.id), row.name, row.description, row.weight, row.least_score, row.most_score)
        for row in call.criteria
    )


def criteria_of(proposal: Proposal) -> tuple[Criterion, ...]:
    """Return the criteria by which a proposal is judged."""
    call = db.session.get(Call, proposal.call_id) if proposal.call_id else None
    return of_call(call) if call is not None and call.criteria else STANDING
