"""The pairs that an earlier No keeps out of a list or lowers in it: why, and until when. Either side reads its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.blueprints.introductions.presentation import pair_url
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.introductions import queries
from matchmaker.introductions.declined import Remembered, effect_sentence, list_remembered
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.models import Introduction
from matchmaker.permissions.grants import Permission


@dataclass(frozen=True, slots=True)
class DeclinedRow:
    """One pair: whom it shows, where it leads, who said no, and what that does now."""

    title: str
    url: str
    introduction: Introduction
    declined_by: str
    sentence: str


@bp.get("/matches/<proposal_number:number>/declined")
@requires(Permission.MATCH_READ)
def declined_for_proposal(number: str) -> ResponseReturnValue:
    """List what Nos do to a proposal's list."""
    user = acting_user()
    proposal = queries.find_ranked_proposal_for(user, number) or abort(404)
    disclosure = disclosure_for(user)
    rows = _rows(
        (one, disclosure.company(one.introduction.interest)) for one in list_remembered(proposal, clock.today())
    )
    list_url = url_for("introductions.matches_for_proposal", number=number)
    return render_template("introductions/declined.html", number=number, list_url=list_url, rows=rows)


@bp.get("/matches/<interest_number:number>/declined")
@requires(Permission.MATCH_READ)
def declined_for_interest(number: str) -> ResponseReturnValue:
    """List what Nos do to an interest's list."""
    interest = queries.find_ranked_interest_for(acting_user(), number) or abort(404)
    closed = queries.closed_in_lists_of(interest, acting_user())
    remembered = list_remembered(interest, clock.today())
    proposals = [(one, one.introduction.proposal) for one in remembered]
    rows = _rows((one, proposal.title) for one, proposal in proposals if proposal.draft_number not in closed)
    list_url = url_for("introductions.matches_for_interest", number=number)
    return render_template("introductions/declined.html", number=number, list_url=list_url, rows=rows)


def _rows(found: Iterable[tuple[Remembered, str]]) -> list[DeclinedRow]:
    return [
        DeclinedRow(
            title=title,
            url=pair_url(one.introduction.proposal, one.introduction.interest),
            introduction=one.introduction,
            declined_by=_("企業") if one.introduction.asked_by_side is Side.NPO else _("NPO"),
            sentence=effect_sentence(one.effect),
        )
        for one, title in found
    ]
