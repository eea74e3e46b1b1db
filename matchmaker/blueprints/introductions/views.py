"""Views of matches: ranked lists for both sides, single pairs, and the list beside the form that is being filled in."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.introductions import (  # noqa: F401
    alert_views,
    bundle_views,
    declined_views,
    exposure_views,
    next_step_views,
    ruleset_views,
    saved_list_views,
    talks,
    vocabulary_edition_views,
    vocabulary_views,
)
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.blueprints.introductions.forms import AskForm, NarrowForm, WhyForm
from matchmaker.blueprints.introductions.presentation import (
    applied_of,
    rows_of_interests,
    rows_of_proposals,
    url_for_page,
)
from matchmaker.blueprints.introductions.typed import as_typed
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import is_listed as is_listed_interest
from matchmaker.interests.queries import is_own as is_own_interest
from matchmaker.interests.queries import reads_all
from matchmaker.introductions import exposure_log, matches, queries, saved_lists, service
from matchmaker.introductions.declined import effect_between, wait_sentence
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.exposure_plan import ensure_plan, slots_of
from matchmaker.introductions.facts import proposal_facts
from matchmaker.introductions.narrowing import interests_within, proposals_within
from matchmaker.introductions.sides import interest_rows, proposal_rows
from matchmaker.introductions.status import OPEN
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import is_open

FIT_SIZE = 5


@bp.get("/matches/<proposal_number:number>")
@requires(Permission.MATCH_READ)
def matches_for_proposal(number: str) -> ResponseReturnValue:
    """Rank the interests that suit a proposal, for its owner and the office."""
    user, at = acting_user(), clock.now()
    proposal = queries.find_ranked_proposal_for(user, number) or abort(404)
    why = WhyForm(request.args, of_interests=True)
    if why.other.data:
        if queries.find_pair_for(user, number, why.number, on=clock.today()):
            return redirect(url_for("introductions.pair", number=number, interest=why.number))
        why.refuse()
    form = NarrowForm(request.args, of_interests=True)
    narrowing = form.wanted()
    found = matches.ranked_interests(
        proposal, on=clock.today(), among=interests_within(narrowing, at=at), page=page_number()
    )
    disclosure = disclosure_for(user)
    records = [line.record for line in [*found.page.items, *found.near_misses]]
    statuses = queries.statuses_with_interests(proposal, records)
    return render_template(
        "introductions/matches_for_proposal.html",
        proposal=proposal,
        found=found,
        rows=rows_of_interests(found.page.items, proposal, disclosure, statuses, at=at),
        near_misses=rows_of_interests(found.near_misses, proposal, disclosure, statuses, at=at),
        is_open=is_open(proposal, clock.today()),
        may_read=_may_read_companies(proposal),
        narrow=form,
        why=why,
        applied=applied_of(narrowing),
        url_for_page=url_for_page,
    )


@bp.get("/matches/<interest_number:number>")
@requires(Permission.MATCH_READ)
def matches_for_interest(number: str) -> ResponseReturnValue:
    """Rank the proposals that suit an interest, for its owner and the office; what the owner is shown is noted."""
    user, at = acting_user(), clock.now()
    ensure_plan(clock.today(), at=at)
    interest = queries.find_ranked_interest_for(user, number) or abort(404)
    why = WhyForm(request.args, of_interests=False)
    if why.other.data:
        if queries.find_pair_for(user, why.number, number, on=clock.today()):
            return redirect(url_for("introductions.pair", number=why.number, interest=number))
        why.refuse()
    form = NarrowForm(request.args, of_interests=False)
    narrowing = form.wanted()
    slots = slots_of(interest, clock.today())
    found = matches.ranked_proposals(
        interest,
        on=clock.today(),
        among=proposals_within(narrowing, at=at),
        without=queries.closed_in_lists_of(interest, user),
        reserved=slots.values(),
        page=page_number(),
    )
    records = [line.record for line in [*found.page.items, *found.near_misses]]
    statuses = queries.statuses_with_proposals(interest, records)
    shown = exposure_log.shown_to(interest, found.page.items, slots, clock.today()) if _is_opening(interest) else []
    answer = render_template(
        "introductions/matches_for_interest.html",
        interest=interest,
        company_name=disclosure_for(user).company(interest),
        found=found,
        rows=rows_of_proposals(found.page.items, interest, statuses, slots, at=at),
        near_misses=rows_of_proposals(found.near_misses, interest, statuses, {}, at=at),
        is_listed=is_listed_interest(interest, clock.today()),
        has_slots=bool(slots),
        narrow=form,
        why=why,
        applied=applied_of(narrowing),
        url_for_page=url_for_page,
    )
    exposure_log.note(shown)
    return answer


@bp.route("/matches/<proposal_number:number>/fit", methods=["GET", "POST"])
@requires(Permission.MATCH_READ)
def fit(number: str) -> ResponseReturnValue:
    """Return the five best interests as a piece of HTML; what is typed and not saved yet counts, and stays unsaved."""
    user, at = acting_user(), clock.now()
    proposal = queries.find_ranked_proposal_for(user, number) or abort(404)
    typed = as_typed(proposal_facts(proposal), request.form) if request.method == "POST" else None
    found = matches.ranked_interests(proposal, on=clock.today(), typed=typed, size=FIT_SIZE, near_misses=0)
    return render_template(
        "introductions/fit.html",
        proposal=proposal,
        found=found,
        rows=rows_of_interests(found.page.items, proposal, disclosure_for(user), {}, at=at),
        may_read=_may_read_companies(proposal),
    )


@bp.get("/matches/<proposal_number:number>~<interest_number:interest>")
@requires(Permission.MATCH_READ)
def pair(number: str, interest: str) -> ResponseReturnValue:
    """Show one pair: both sides, every part of the score, and why it does or does not appear."""
    return _pair_page(*_pair(number, interest), AskForm())


@bp.post("/matches/<proposal_number:number>~<interest_number:interest>/ask")
@requires(Permission.INTRODUCTION_ASK)
def ask(number: str, interest: str) -> ResponseReturnValue:
    """Ask the other side of a pair to talk."""
    proposal, offered = _pair(number, interest)
    form, user = AskForm(), acting_user()
    if not form.validate_on_submit():
        return _pair_page(proposal, offered, form), 422
    match = matches.explain(proposal, offered, on=clock.today())
    basis = _list_asked_from(proposal, offered)
    try:
        with transaction():
            introduction = service.ask(
                proposal, offered, message=form.message.data, match=match, actor=user, at=clock.now()
            )
            asked_id = introduction.id
            if basis:
                saved_lists.save(basis, actor=user, at=clock.now(), introduction=introduction)
        flash(_("紹介を依頼しました。返事が来たら、メールでお知らせします。"), "success")
    except service.AlreadyOpen as found:
        flash(str(found), "info")
        asked_id = found.introduction_id
    except DomainError as refusal:
        flash(str(refusal), "error")
        return _pair_page(*_pair(number, interest), form), 409
    return redirect(url_for("introductions.show", introduction_id=asked_id), code=303)


def _is_opening(interest: Interest) -> bool:
    """Whether the company itself opens the first page of its list."""
    return request.method == "GET" and page_number() == 1 and is_own_interest(acting_user(), interest)


def _list_asked_from(proposal: Proposal, interest: Interest) -> saved_lists.Capture | None:
    """The list that led to a request is kept with it, where the registry is small enough to be kept."""
    side = service.side_of(acting_user(), proposal, interest)
    try:
        return saved_lists.capture(interest if side is Side.COMPANY else proposal, on=clock.today())
    except saved_lists.CannotSave:
        return None


def _pair(number: str, interest: str) -> tuple[Proposal, Interest]:
    return queries.find_pair_for(acting_user(), number, interest, on=clock.today()) or abort(404)


def _pair_page(proposal: Proposal, interest: Interest, form: AskForm) -> str:
    user, today = acting_user(), clock.today()
    side = service.side_of(user, proposal, interest)
    disclosure = disclosure_for(user)
    match = matches.explain(proposal, interest, on=today)
    introductions = queries.list_between(proposal, interest, for_user=user)
    effect, at = effect_between(proposal, interest, today), clock.now()
    return render_template(
        "introductions/pair.html",
        proposal=proposal,
        interest=interest,
        company_name=disclosure.company(interest),
        proposal_rows=proposal_rows(proposal),
        interest_rows=interest_rows(interest, disclosure),
        match=match,
        side=side,
        place=_place(proposal, interest, side),
        trouble=service.trouble_of(proposal, interest, at=at) or service.cap_trouble_of(interest, side),
        effect=effect,
        wait_sentence=wait_sentence(effect),
        introductions=introductions,
        open_introduction=next((one for one in introductions if one.status in OPEN), None),
        list_url=_list_url(proposal, interest, side),
        form=form,
    )


def _place(proposal: Proposal, interest: Interest, side: Side | None) -> int | None:
    """Where the other side stands in the reader's own list; for the office, in the proposal's."""
    if side is Side.COMPANY:
        return matches.place_among_proposals(proposal, interest, on=clock.today())
    return matches.place_among_interests(proposal, interest, on=clock.today())


def _list_url(proposal: Proposal, interest: Interest, side: Side | None) -> str:
    if side is Side.COMPANY:
        return url_for("introductions.matches_for_interest", number=interest.number)
    return url_for("introductions.matches_for_proposal", number=proposal.public_number)


def _may_read_companies(proposal: Proposal) -> bool:
    """What companies say is for NPOs that the office has checked."""
    return reads_all(acting_user()) or proposal.organisation.is_verified
