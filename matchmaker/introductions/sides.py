"""Both sides of a pair as rows with ``label`` and ``value``, as far as the person may know them."""

from collections.abc import Iterable

from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.messages import gettext as _
from matchmaker.interests.answers import answers_of as interest_answers
from matchmaker.interests.models import Interest
from matchmaker.interests.reading import rows_of
from matchmaker.introductions.disclosure import Disclosure
from matchmaker.permissions.levels import Reader
from matchmaker.proposals.answers import plain
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.publication import is_shown
from matchmaker.proposals.questions import ALWAYS_PUBLIC
from matchmaker.proposals.reading import readable
from matchmaker.proposals.service import answers_of as proposal_answers

Rows = list[dict[str, str]]


def interest_rows(interest: Interest, disclosure: Disclosure) -> Rows:
    """Return what a company says; its name is taken out where it may not be known.

    Neither is its description shown then: the directory shows the same text beside the name.
    """
    rows = [(label, disclosure.text(interest, text)) for label, text in rows_of(interest_answers(interest))]
    if disclosure.knows_company(interest):
        rows.insert(0, (_("企業の紹介"), interest.organisation.description))
    return _filled(rows)


def proposal_rows(proposal: Proposal) -> Rows:
    """Return what everybody may read of a published proposal, of what a company needs to know first."""
    answers, today = proposal_answers(proposal), clock.today()
    texts = [
        (question.label, readable(question, plain(answers[question]), {}))
        for question in ALWAYS_PUBLIC
        if is_shown(proposal, question, Reader.PUBLIC, today)
    ]
    return _filled([(_("提案する団体"), proposal.organisation.name), *texts])


def contact_rows(organisation: Organisation) -> Rows:
    """Return how an organisation can be reached: for the other side, after both agreed to talk."""
    rows = [
        (_("名前"), organisation.name),
        (_("担当者"), organisation.contact_name),
        (_("メール"), organisation.contact_email),
        (_("電話"), organisation.contact_phone),
    ]
    return _filled(rows)


def _filled(rows: Iterable[tuple[str, str]]) -> Rows:
    return [{"label": label, "value": text} for label, text in rows if text]
