"""Who gets which answer from each endpoint: one rule an endpoint, written from the product's words, not from the code.

A rule takes a ``Cell`` and returns the status code, or ``ACTS`` when the person may do it (then the walk does not send
it). Before the rules come those of all pages: a visitor is sent to sign in, a role without the duty is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

ACTS = -1
"""Allowed, and it would change something."""

OK, SEE_OTHER, TO_SIGN_IN, FORBIDDEN, NOT_FOUND, NOT_ALLOWED, CONFLICT, GONE, WRONG = (
    200,
    303,
    302,
    403,
    404,
    405,
    409,
    410,
    422,
)

NOBODY = {"visitor", "suspended"}
NPOS = {"npo", "npo_other", "waiting"}
COMPANIES = {"company", "company_other"}
MEMBERS = NPOS | COMPANIES
STAFF = {"office", "division", "panel", "approver", "administrator", "coordinator", "intermediary"}
SIGNED_IN = MEMBERS | STAFF
ROLES = (*sorted(NOBODY), *sorted(SIGNED_IN))
TAKERS = MEMBERS | {"office", "division"}
"""They can be parties of a project."""

REVIEWERS = {"office", "approver"}
"""They read every proposal, every interest and every introduction."""

PUBLISHED = {"draft_public", "submitted", "judged", "decision_drafted", "released"}
EDITABLE = {"draft_private", "draft_public", "waiting"}
NUMBERED = {"submitted", "judged", "decision_drafted", "released", "withdrawn"}
WITHDRAWABLE = EDITABLE | {"submitted", "judged", "decision_drafted"}
LISTED = {"named", "unnamed"}
OWNER_OF_INTEREST = {"named": "company_other", "unnamed": "company", "paused": "company"}
TALKERS = {
    "asked": ("submitted", "unnamed"),
    "talking": ("draft_public", "named"),
    "declined": ("decision_drafted", "unnamed"),
}
OPEN_INTRODUCTIONS = {TALKERS["asked"], TALKERS["talking"]}


@dataclass(frozen=True)
class Cell:
    """One request: who, how, and about which record (by its state in ``world``)."""

    role: str
    method: str
    about: dict[str, str] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def proposal(self) -> str:
        return self.about["proposal"]

    @property
    def interest(self) -> str:
        return self.about["interest"]

    @property
    def owns_proposal(self) -> bool:
        return self.role == ("waiting" if self.proposal == "waiting" else "npo")

    @property
    def reads_all_of_proposal(self) -> bool:
        return self.owns_proposal or self.role in REVIEWERS

    @property
    def sees_proposal(self) -> bool:
        return self.proposal in PUBLISHED or self.reads_all_of_proposal

    @property
    def owns_interest(self) -> bool:
        return self.role == OWNER_OF_INTEREST[self.interest]

    @property
    def sees_interest(self) -> bool:
        is_verified_npo = self.role in {"npo", "npo_other"}
        return self.owns_interest or self.role in REVIEWERS or (is_verified_npo and self.interest in LISTED)

    @property
    def sees_pair(self) -> bool:
        is_open_here = (self.proposal, self.interest) in OPEN_INTRODUCTIONS
        if self.role in REVIEWERS or (is_open_here and (self.owns_proposal or self.owns_interest)):
            return True
        if self.owns_proposal:
            return self.sees_interest
        return self.owns_interest and self.proposal in PUBLISHED

    @property
    def looks_back(self) -> bool:
        return self.about["project"] == "confirmed" and self.role in {"office", "division"}

    @property
    def sees_project(self) -> bool:
        return self.about["project"] != "reported" or self.role in {"office", "division"}

    @property
    def sits_at_table(self) -> bool:
        is_own = self.about["project"] == "born" if self.role == "npo" else self.about["project"] != "born"
        return self.role == "office" or (self.role in {"npo", "division"} and is_own)

    @property
    def takes_part(self) -> bool:
        proposal, interest = TALKERS[self.about["introduction"]]
        return self.role in {"npo", OWNER_OF_INTEREST[interest]} and proposal != "waiting"


Rule = Callable[[Cell], int]


def always(code: int) -> Rule:
    return lambda cell: code


def form(get: int = OK, post: int = WRONG) -> Rule:
    """A page with a form; an empty one is refused beside its fields."""
    return lambda cell: get if cell.is_read else post


def where(condition: Callable[[Cell], bool], then: Rule | int, otherwise: Rule | int = NOT_FOUND) -> Rule:
    def rule(cell: Cell) -> int:
        chosen = then if condition(cell) else otherwise
        return chosen if isinstance(chosen, int) else chosen(cell)

    return rule


def seated(then: Rule | int) -> Rule:
    """404 for a project that the person may not see, 403 for one that they take no part in."""
    return where(lambda c: c.sees_project, where(lambda c: c.sits_at_table, then, FORBIDDEN))


def of_born(then: Rule | int) -> Rule:
    """A record that only the project born of a proposal has."""
    return seated(where(lambda c: c.about["project"] == "born", then))


def not_of_partner(then: Rule | int) -> Rule:
    """What the prefecture does in a project; its partners see that they may not."""
    return where(lambda c: c.role == "npo" and c.about["project"] != "reported", FORBIDDEN, then)


def own_proposal(then: Rule | int) -> Rule:
    """404 for one that the person may not see, 403 for another's."""
    return where(lambda c: c.sees_proposal, where(lambda c: c.owns_proposal, then, FORBIDDEN))


def while_editable(then: Rule | int) -> Rule:
    """An own proposal that was handed in leads back to its page."""
    return own_proposal(where(lambda c: c.proposal in EDITABLE, then, SEE_OTHER))


def circulated(then: Rule | int) -> Rule:
    """What was sent to the division; for it, and among its requests, there is nothing else."""
    return where(lambda c: c.proposal == "judged", then)


def numbered(then: Rule | int) -> Rule:
    """What is under review has an official number."""
    return where(lambda c: c.proposal in NUMBERED, then)


def judged(then: Rule | int) -> Rule:
    """The one proposal that the panel was given."""
    return where(lambda c: c.proposal == "judged", then)


PUBLIC: dict[str, Rule] = {
    **dict.fromkeys(
        [
            "static",
            "home.index",
            "home.search",
            "home.about",
            "home.accessibility",
            "home.privacy",
            "clocks.response_times",
            "history.funnel",
            "home.healthz",
            "accounts.sign_up",
            "accounts.mail_sent",
            "accounts.outbox",  # in a demonstration only; tested apart
            "directory.list",
            "proposals.list",
            "panel.presentations",
            "panel.programme",
            "proposals.past",
            "proposals.reconsiderations",
            "projects.list",
            "projects.lessons",
            "indicators.list",
            "indicators.counting_rules_list",
            "indicators.show",
            "indicators.figure",
            "indicators.members",
            "indicators.members_csv",
            "indicators.figures_csv",
            "indicators.budgets",
            "indicators.report",
            "indicators.report_xlsx",
            "indicators.report_pdf",
            "indicators.participation",
            "dashboard.show",
            "dashboard.stage",
        ],
        always(OK),
    ),
    **dict.fromkeys(["calls.criteria"], always(OK)),
    **dict.fromkeys(
        ["calls.show", "calls.history", "calls.theme"],
        where(lambda c: c.about["call"] == "open" or c.role == "office", OK),
    ),
    "home.readyz": always(503),  # the tables of the tests were made without migrations
    "accounts.sign_in": where(lambda c: c.is_read and c.role in SIGNED_IN, SEE_OTHER, form()),
    "accounts.sign_up_side": form(),
    "accounts.forgot_password": form(),
    **dict.fromkeys(["accounts.confirm_email", "accounts.reset_password", "accounts.accept_invitation"], always(GONE)),
    "proposals.proxy_confirm": always(GONE),
    "proposals.proxy_enter_code": form(),
    "introductions.stop_alerts": always(NOT_FOUND),
    "introductions.unsubscribe": form(302, 400),  # opened: to the page that stops; posted without a mail program's word
    "directory.show": where(
        lambda c: c.about["organisation"] != "waiting" or c.role in {"waiting", "office"}, OK, NOT_FOUND
    ),
    "proposals.show": where(lambda c: c.sees_proposal, OK),
    **dict.fromkeys(
        ["projects.show", "projects.reflection_rounds"],
        where(lambda c: c.about["project"] != "reported" or c.role in {"office", "division"}, OK),
    ),
    "projects.reflection_round": where(lambda c: c.looks_back, OK),
    "indicators.counting_rule": always(NOT_FOUND),
    **dict.fromkeys(
        [
            "open_data.catalogue",
            "open_data.reference",
            "open_data.openapi_document",
            "open_data.proposals_feed",
            "open_data.calls_calendar",
            "open_data.opportunities",
            "open_data.days",
        ],
        always(OK),
    ),
    # "npo-prefecture-projects", with which the walk fills in every key, is no dataset
    **dict.fromkeys(
        ["open_data.dataset", "open_data.download", "open_data.rows", "open_data.row", "open_data.opportunity"],
        always(NOT_FOUND),
    ),
    **dict.fromkeys(["open_data.day", "open_data.archived"], always(NOT_FOUND)),  # no day was kept
    "open_data.giving": always(NOT_FOUND),  # no project of the world is a commission
}

NEEDS_DUTY: dict[str, tuple[set[str], Rule]] = {
    # One's own account
    **dict.fromkeys(["accounts.show"], (SIGNED_IN, always(OK))),
    "accounts.change_name": (SIGNED_IN, form(post=ACTS)),
    "accounts.change_password": (SIGNED_IN, form()),
    **dict.fromkeys(["accounts.sign_out", "accounts.end_other_sign_ins"], (SIGNED_IN, always(ACTS))),
    "accounts.call_mails": (SIGNED_IN, always(ACTS)),
    "accounts.colleagues": (MEMBERS, form()),
    "accounts.withdraw_invitation": (MEMBERS, always(ACTS)),
    "accounts.leave": (MEMBERS, form(post=ACTS)),
    "accounts.end_membership": (MEMBERS, where(lambda c: c.role == "npo", form(post=ACTS))),
    # Accounts of others
    **dict.fromkeys(["accounts.manage", "accounts.person"], ({"administrator"}, always(OK))),
    **dict.fromkeys(["accounts.new", "accounts.grant_role"], ({"administrator"}, form())),
    **dict.fromkeys(
        [
            "accounts.end_role",
            "accounts.suspend",
            "accounts.restore",
            "accounts.end_sign_ins",
            "accounts.mail_reset",
        ],
        ({"administrator"}, always(ACTS)),
    ),
    # Divisions and organisations
    **dict.fromkeys(["directory.divisions", "directory.succeed_division"], ({"administrator", "office"}, form())),
    "directory.end_division": ({"administrator", "office"}, always(ACTS)),
    **dict.fromkeys(["directory.organisation_names", "directory.merge_organisation"], ({"office"}, form())),
    "directory.edit": (
        MEMBERS,
        where(
            lambda c: c.about["organisation"] == c.role,
            form(),
            where(lambda c: c.about["organisation"] != "waiting", FORBIDDEN),
        ),
    ),
    **dict.fromkeys(["directory.verification_queue", "directory.check"], ({"office"}, always(OK))),
    "directory.verify": ({"office"}, always(ACTS)),
    "directory.refuse": ({"office"}, form()),
    # Writing proposals
    "proposals.mine": (NPOS, always(OK)),
    "proposals.new": (NPOS, form(post=ACTS)),
    "proposals.autosave_new": (NPOS, always(ACTS)),
    **dict.fromkeys(["proposals.edit", "proposals.check"], (NPOS, while_editable(OK))),
    **dict.fromkeys(["proposals.needs", "proposals.section"], (NPOS, while_editable(form(post=ACTS)))),
    **dict.fromkeys(
        ["proposals.autosave_needs", "proposals.autosave", "proposals.unpublish", "proposals.submit"],
        (NPOS, own_proposal(ACTS)),
    ),
    "proposals.publish": (NPOS, own_proposal(form(post=ACTS))),
    "proposals.withdraw": (
        NPOS,
        own_proposal(where(lambda c: not c.is_read, ACTS, where(lambda c: c.proposal in WITHDRAWABLE, OK, SEE_OTHER))),
    ),
    "proposals.attach": (NPOS, while_editable(WRONG)),
    "proposals.remove": (NPOS, while_editable(where(lambda c: c.proposal == "draft_public", ACTS))),
    # Calls: written by the office, chosen by who writes
    "calls.list": ({"office"}, always(OK)),
    **dict.fromkeys(["calls.new", "calls.edit"], ({"office"}, form())),
    **dict.fromkeys(["calls.publish", "calls.copy"], ({"office"}, always(ACTS))),
    "calls.cancel": ({"office"}, always(WRONG)),
    "proposals.choose_call": (NPOS, while_editable(form())),
    # Entered for an NPO: the office sees all, an intermediary its own; nothing was entered in this world
    "proposals.proxy_list": ({"office", "intermediary"}, always(OK)),
    **dict.fromkeys(["proposals.proxy_new", "proposals.proxy_new_organisation"], ({"office", "intermediary"}, form())),
    **dict.fromkeys(
        [
            "proposals.proxy_show",
            "proposals.proxy_section",
            "proposals.proxy_call",
            "proposals.proxy_reopen",
            "proposals.proxy_ask",
            "proposals.proxy_code",
            "proposals.proxy_submit",
        ],
        ({"office", "intermediary"}, always(NOT_FOUND)),
    ),
    # Talks before a call: offered by the prefecture, seen by both sides and by those who review
    "consultations.list": (NPOS, always(OK)),
    "consultations.slots": ({"office", "division"}, always(OK)),
    "consultations.offer": ({"office", "division"}, form()),
    "consultations.withdraw": ({"office", "division"}, where(lambda c: c.role == "office", WRONG, FORBIDDEN)),
    "consultations.book": (NPOS, form()),
    "consultations.show": (SIGNED_IN, where(lambda c: c.role in {"npo"} | REVIEWERS, OK)),
    "consultations.move": (NPOS, where(lambda c: c.role == "npo", WRONG)),
    **dict.fromkeys(["consultations.link", "consultations.confirm"], (NPOS, where(lambda c: c.role == "npo", ACTS))),
    **dict.fromkeys(
        ["consultations.cancel", "consultations.note"],
        (
            SIGNED_IN,
            where(lambda c: c.role in {"npo", "office"}, WRONG, where(lambda c: c.role == "approver", FORBIDDEN)),
        ),
    ),
    # Reading proposals in full
    **dict.fromkeys(
        ["proposals.attachments", "proposals.versions"], (SIGNED_IN, where(lambda c: c.reads_all_of_proposal, OK))
    ),
    "proposals.download": (
        SIGNED_IN,
        where(lambda c: c.reads_all_of_proposal and c.proposal == "draft_public", OK),
    ),
    # After a result: the world's first letter tells of a draft, so that none is told
    **dict.fromkeys(
        ["proposals.letter", "proposals.letter_pdf", "proposals.answer_pdf"], (SIGNED_IN, always(NOT_FOUND))
    ),
    "proposals.reconsider": (NPOS, own_proposal(form())),
    "proposals.levels": (NPOS, own_proposal(form(post=ACTS))),
    # Interests
    "interests.mine": (COMPANIES, always(OK)),
    "interests.new": (COMPANIES, form()),
    "interests.edit": (COMPANIES, where(lambda c: c.owns_interest, form())),
    **dict.fromkeys(
        ["interests.end", "interests.pause", "interests.resume", "interests.renew"],
        (COMPANIES, where(lambda c: c.owns_interest, ACTS)),
    ),
    "interests.show": (MEMBERS | REVIEWERS, where(lambda c: c.sees_interest, OK)),
    # Matches and introductions
    **dict.fromkeys(
        [
            "introductions.matches_for_proposal",
            "introductions.declined_for_proposal",
            "introductions.bundles",
            "introductions.fit",
        ],
        (MEMBERS | REVIEWERS, where(lambda c: c.reads_all_of_proposal, OK)),
    ),
    **dict.fromkeys(
        ["introductions.matches_for_interest", "introductions.declined_for_interest"],
        (MEMBERS | REVIEWERS, where(lambda c: c.owns_interest or c.role in REVIEWERS, OK)),
    ),
    **dict.fromkeys(
        ["introductions.pair", "introductions.next_steps"], (MEMBERS | REVIEWERS, where(lambda c: c.sees_pair, OK))
    ),
    "introductions.ask": (MEMBERS, where(lambda c: c.sees_pair, WRONG)),
    "introductions.list": (MEMBERS | REVIEWERS, always(OK)),
    "introductions.show": (MEMBERS | REVIEWERS, where(lambda c: c.takes_part or c.role in REVIEWERS, OK)),
    **dict.fromkeys(["introductions.accept", "introductions.close"], (MEMBERS, where(lambda c: c.takes_part, ACTS))),
    "introductions.decline": (MEMBERS, where(lambda c: c.takes_part, WRONG)),
    # Saved searches: of one's own records, and never another person's
    "introductions.alerts": (SIGNED_IN, always(OK)),
    "introductions.new_alert": (SIGNED_IN, form()),
    "introductions.new_alert_for_proposal": (
        MEMBERS | REVIEWERS,
        where(lambda c: c.owns_proposal, form(), where(lambda c: c.role in REVIEWERS, FORBIDDEN)),
    ),
    "introductions.new_alert_for_interest": (
        MEMBERS | REVIEWERS,
        where(lambda c: c.owns_interest, form(), where(lambda c: c.role in REVIEWERS, FORBIDDEN)),
    ),
    "introductions.edit_alert": (SIGNED_IN, where(lambda c: c.role == "npo", form())),
    **dict.fromkeys(
        ["introductions.pause_alert", "introductions.resume_alert"], (SIGNED_IN, where(lambda c: c.role == "npo", ACTS))
    ),
    "introductions.delete_alert": (SIGNED_IN, where(lambda c: c.role == "npo", ACTS, SEE_OTHER)),
    # Kept lists: of the own organisation, and any for those who review; the organisation must have been checked
    "introductions.save_list_of_proposal": (
        MEMBERS | REVIEWERS,
        where(
            lambda c: c.reads_all_of_proposal,
            where(lambda c: c.role in REVIEWERS or c.proposal != "waiting", ACTS, FORBIDDEN),
        ),
    ),
    "introductions.save_list_of_interest": (
        MEMBERS | REVIEWERS,
        where(lambda c: c.owns_interest or c.role in REVIEWERS, ACTS),
    ),
    "introductions.saved": (MEMBERS | REVIEWERS, always(OK)),
    **dict.fromkeys(
        ["introductions.saved_list", "introductions.saved_list_again"],
        (MEMBERS | REVIEWERS, where(lambda c: c.role == "npo" or c.role in REVIEWERS, OK)),
    ),
    "introductions.remove_saved_list": (
        MEMBERS | REVIEWERS,
        where(lambda c: c.role == "npo", ACTS, where(lambda c: c.role in REVIEWERS, FORBIDDEN)),
    ),
    # How matching works, and who is seen
    **dict.fromkeys(["introductions.exposure", "introductions.exposure_alarms"], ({"office"}, always(OK))),
    "introductions.exposure_settings": ({"office"}, form()),
    **dict.fromkeys(["introductions.rulesets", "introductions.ruleset_new"], ({"administrator"}, always(OK))),
    "introductions.ruleset_preview": ({"administrator"}, form()),
    **dict.fromkeys(
        ["introductions.vocabulary", "introductions.vocabulary_table", "introductions.vocabulary_csv"],
        ({"administrator"}, always(OK)),
    ),
    **dict.fromkeys(
        ["introductions.vocabulary_row_new", "introductions.vocabulary_upload", "introductions.vocabulary_preview"],
        ({"administrator"}, form()),
    ),
    **dict.fromkeys(
        # The walk names no row, and there is no edition but the one of the program.
        ["introductions.vocabulary_row", "introductions.vocabulary_retire", "introductions.vocabulary_edition"],
        ({"administrator"}, always(NOT_FOUND)),
    ),
    **dict.fromkeys(
        ["introductions.vocabulary_undo", "introductions.vocabulary_discard"], ({"administrator"}, always(ACTS))
    ),
    "introductions.vocabulary_restore": (
        {"administrator"},
        always(ACTS),
    ),
    # Circulation, promised times, work
    "circulation.list": ({"division"}, always(OK)),
    "circulation.answer": ({"division"}, circulated(form())),
    "circulation.file": ({"division"}, always(NOT_FOUND)),  # the circulated proposal has no files
    "circulation.send": ({"office"}, numbered(form())),
    "circulation.remind": ({"office"}, circulated(CONFLICT)),  # it was answered
    **dict.fromkeys(["circulation.withdraw", "circulation.forward"], ({"office"}, circulated(WRONG))),
    "clocks.promise": ({"office"}, form()),
    "clocks.lapse": ({"office"}, numbered(form(post=CONFLICT))),
    "clocks.resume": ({"office"}, numbered(form())),
    "work.queue": (SIGNED_IN, always(OK)),
    "work.circulate": ({"office"}, form()),
    "work.remind": ({"office"}, always(OK)),  # with nothing chosen it reminds nobody
    # Screening and decision
    "review.receive": (
        {"office"},
        numbered(where(lambda c: c.is_read, OK, where(lambda c: c.proposal == "submitted", ACTS, CONFLICT))),
    ),
    "review.queue": (REVIEWERS, always(OK)),
    "review.show": (REVIEWERS, numbered(OK)),
    "review.draft_decision": ({"office"}, numbered(WRONG)),
    **dict.fromkeys(["review.decide", "review.send_back", "review.release"], ({"approver"}, always(NOT_FOUND))),
    "review.reopen": ({"approver"}, numbered(WRONG)),
    # The first decision of the world is the draft; every other proposal has none by its number
    "review.letter": (REVIEWERS, where(lambda c: c.proposal == "decision_drafted", form(post=CONFLICT))),
    "review.compose_letter": (REVIEWERS, where(lambda c: c.proposal == "decision_drafted", SEE_OTHER)),
    **dict.fromkeys(
        ["review.letter_pdf", "review.pack_pdf"], (REVIEWERS, where(lambda c: c.proposal == "decision_drafted", OK))
    ),
    "review.results": (REVIEWERS, always(OK)),
    "review.release_results": ({"approver"}, form()),
    "review.cancel_release": ({"approver"}, always(NOT_FOUND)),
    "review.levels": ({"office"}, numbered(form())),
    "review.lift_level": ({"office"}, always(NOT_FOUND)),
    "review.disclosures": (REVIEWERS, always(OK)),
    "review.new_disclosure": ({"office"}, form()),
    "review.disclosed": (REVIEWERS, always(NOT_FOUND)),
    **dict.fromkeys(
        [
            "review.add_disclosure_item",
            "review.redact",
            "review.remove_disclosure_item",
            "review.consult_third_party",
            "review.write_opinion_down",
            "review.disclosure_pdf",
            "review.disclosure_csv",
        ],
        ({"office"}, always(NOT_FOUND)),
    ),
    "review.decide_disclosure": ({"approver"}, always(NOT_FOUND)),
    "review.opinion": (SIGNED_IN, always(NOT_FOUND)),
    "review.reconsidered": (REVIEWERS, always(NOT_FOUND)),
    "review.draft_answer": ({"office"}, always(NOT_FOUND)),
    **dict.fromkeys(["review.decide_answer", "review.send_answer_back"], ({"approver"}, always(NOT_FOUND))),
    # The panel: a judge sees what was given to them, the office gives it and records the meeting
    "panel.mine": ({"panel"}, always(OK)),
    "panel.judge": ({"panel"}, judged(OK)),
    "panel.declare": ({"panel"}, judged(WRONG)),
    **dict.fromkeys(["panel.sheet", "panel.autosave"], ({"panel"}, judged(CONFLICT))),  # it was handed in
    "panel.download": ({"panel"}, always(NOT_FOUND)),  # it has no files
    **dict.fromkeys(["panel.assignments", "panel.export"], ({"office"}, always(OK))),
    "panel.assign": ({"office"}, form(post=CONFLICT)),
    "panel.members": ({"office"}, form()),
    **dict.fromkeys(["panel.end_affiliation", "panel.lift"], ({"office"}, always(NOT_FOUND))),
    "panel.scores": (REVIEWERS, numbered(OK)),
    **dict.fromkeys(["panel.recuse", "panel.no_meeting"], ({"office"}, numbered(WRONG))),
    "panel.decision": ({"office"}, numbered(where(lambda c: c.proposal == "judged", form(), CONFLICT))),
    "panel.present": ({"office"}, numbered(form(post=CONFLICT))),
    # The day of presentations
    **dict.fromkeys(["panel.manage", "panel.timekeeper", "panel.timekeeper_state"], ({"office"}, always(OK))),
    **dict.fromkeys(["panel.plan", "panel.edit"], ({"office"}, form())),
    **dict.fromkeys(["panel.attendance", "panel.drop", "panel.note"], ({"office"}, always(WRONG))),
    **dict.fromkeys(
        ["panel.place", "panel.on_day", "panel.move", "panel.step", "panel.remove_note"], ({"office"}, always(ACTS))
    ),
    # Projects and indicators
    "projects.reports": ({"office", "division"}, always(OK)),
    "projects.report": ({"office", "division"}, form()),
    **dict.fromkeys(["projects.edit", "projects.refuse"], ({"office"}, form())),
    "projects.confirm": ({"office"}, always(CONFLICT)),
    # The yearly round: the office runs it, a division answers for itself; its pair of reports was decided
    **dict.fromkeys(
        ["projects.rounds", "projects.round_show", "projects.round_template"], ({"office", "division"}, always(OK))
    ),
    **dict.fromkeys(["projects.round_open", "projects.round_change", "projects.round_confirm"], ({"office"}, form())),
    **dict.fromkeys(["projects.round_division", "projects.round_pairs"], ({"office"}, always(OK))),
    **dict.fromkeys(["projects.round_pair", "projects.round_part"], ({"office"}, always(NOT_FOUND))),
    "projects.round_close": ({"office"}, form(post=CONFLICT)),
    **dict.fromkeys(
        ["projects.round_report", "projects.round_upload"],
        ({"office", "division"}, where(lambda c: c.role == "division", form(), FORBIDDEN)),
    ),
    **dict.fromkeys(
        ["projects.round_carry", "projects.round_ended"],
        ({"office", "division"}, where(lambda c: c.role == "division", NOT_FOUND, FORBIDDEN)),
    ),
    **dict.fromkeys(
        ["projects.round_hand_in", "projects.round_take_back", "projects.round_confirm_proxy"],
        ({"office", "division"}, where(lambda c: c.role == "division", SEE_OTHER, FORBIDDEN)),
    ),
    # At work: the project born of a proposal has one of each record, the others none
    "projects.mine": (TAKERS, always(OK)),
    "projects.step": (TAKERS, seated(CONFLICT)),
    **dict.fromkeys(
        ["projects.meetings", "projects.agreement", "projects.delivery", "projects.money"], (TAKERS, seated(OK))
    ),
    **dict.fromkeys(
        ["projects.new_meeting", "projects.choose_form", "projects.new_request"],
        (TAKERS, seated(form())),
    ),
    # The proposal says roles to begin with: without its version the form is one of an old page.
    "projects.roles": (
        TAKERS,
        seated(where(lambda c: c.about["project"] == "born", form(post=CONFLICT), form())),
    ),
    "projects.milestones": (TAKERS, seated(form(post=CONFLICT))),
    **dict.fromkeys(
        ["projects.meeting", "projects.delivery_report", "projects.change_request"], (TAKERS, of_born(form()))
    ),
    "projects.tick_start": (
        TAKERS,
        seated(where(lambda c: c.about["project"] == "reported", CONFLICT, SEE_OTHER)),
    ),
    "projects.attach_to_report": (TAKERS, of_born(where(lambda c: c.role == "npo", WRONG, FORBIDDEN))),
    "projects.report_file": (TAKERS, seated(NOT_FOUND)),
    "projects.remove_report_file": (TAKERS, of_born(where(lambda c: c.role == "npo", NOT_FOUND, FORBIDDEN))),
    "projects.agreement_version": (TAKERS, of_born(OK)),
    "projects.write_agreement": (
        TAKERS,
        seated(where(lambda c: c.about["project"] == "born", form(), SEE_OTHER)),
    ),
    "projects.sign_agreement": (TAKERS, seated(WRONG)),
    "projects.sign_on_paper": ({"office"}, always(WRONG)),
    "projects.cancel_meeting": (TAKERS, of_born(WRONG)),
    "projects.withdraw_request": (TAKERS, of_born(where(lambda c: c.role == "npo", ACTS, FORBIDDEN))),
    **dict.fromkeys(["projects.ask_report", "projects.new_instalment"], (TAKERS, seated(not_of_partner(form())))),
    "projects.pay": (TAKERS, not_of_partner(of_born(form()))),
    **dict.fromkeys(["projects.answer_report", "projects.cancel_instalment"], (TAKERS, not_of_partner(of_born(WRONG)))),
    **dict.fromkeys(["projects.allocate", "projects.programmes"], ({"office"}, form())),
    # Looking back: the one round of the confirmed project, whose sheets are sealed
    "projects.coordinating": ({"coordinator"}, always(OK)),
    **dict.fromkeys(["projects.begin_reflection", "projects.appoint_coordinator"], ({"office"}, always(WRONG))),
    "projects.open_sheets_early": ({"office"}, where(lambda c: c.looks_back, WRONG)),
    "projects.sheet": (MEMBERS | {"office", "division"}, where(lambda c: c.looks_back, form(post=ACTS))),
    **dict.fromkeys(
        ["projects.take_back_sheet", "projects.consent_to_summary"],
        (MEMBERS | {"office", "division"}, where(lambda c: c.looks_back, ACTS)),
    ),
    "projects.add_talk": (
        SIGNED_IN,
        where(lambda c: c.looks_back, where(lambda c: c.role == "office", WRONG, FORBIDDEN)),
    ),
    "projects.write_summary": (
        SIGNED_IN,
        where(lambda c: c.looks_back, where(lambda c: c.role == "office", SEE_OTHER, FORBIDDEN)),
    ),
    **dict.fromkeys(["indicators.enter", "indicators.series_break", "indicators.draft_progress"], ({"office"}, form())),
    "indicators.planner": (REVIEWERS, always(OK)),
    "indicators.count_participation": ({"office"}, always(ACTS)),
    "indicators.participation_members": ({"office"}, always(NOT_FOUND)),
    "indicators.my_participation": (COMPANIES, form(post=ACTS)),
    "indicators.participation_certificate": (COMPANIES, always(NOT_FOUND)),
    "indicators.approve_figure": ({"approver"}, always(NOT_FOUND)),
    "indicators.drop_figure": ({"office"}, always(NOT_FOUND)),
    "indicators.approve_progress": ({"approver"}, always(ACTS)),
    "indicators.count": ({"office"}, always(ACTS)),
    "indicators.correct": ({"office"}, always(WRONG)),
    "indicators.counting_rule_new": ({"office"}, form()),
    "indicators.adopt_counting_rule": ({"approver"}, always(NOT_FOUND)),
    "indicators.drop_counting_rule": ({"office"}, always(NOT_FOUND)),
}


def has_duty(endpoint: str, role: str) -> bool:
    """Say whether the answer may depend on the record. An endpoint that nobody has thought about counts as such."""
    return endpoint not in NEEDS_DUTY or role in NEEDS_DUTY[endpoint][0]


def expected(endpoint: str, cell: Cell) -> int:
    """Return the code that a request must get. Errors: KeyError for an endpoint that nobody has thought about."""
    if endpoint in PUBLIC:
        return PUBLIC[endpoint](cell)
    duty, rule = NEEDS_DUTY[endpoint]
    if cell.role in NOBODY:
        return TO_SIGN_IN
    return rule(cell) if cell.role in duty else FORBIDDEN
