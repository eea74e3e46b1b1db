"""What a decision may rest on: the proposal's own text, its attachments, and what others said of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.answers import is_answered
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import SECTIONS, Question
from matchmaker.proposals.service import answers_of

_NO_EVIDENCE = frozenset(
    {
        Question.OPEN_UNTIL_ON,
        Question.PREFERRED_FORM,
        Question.DIVISION_IDS,
        Question.PUBLISHES_PLAN,
        Question.PUBLISHES_BUDGET,
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that can be pointed at. ``key`` names it for good; ``group`` is its heading in a list."""

    key: str
    label: str
    group: str


def sources_of(proposal: Proposal) -> dict[str, Source]:
    """Return all that a decision about the proposal can point at, by key, in reading order."""
    found = [source for find in _FINDERS for source in find(proposal)]
    return {source.key: source for source in found}


def scores_of(proposal: Proposal) -> dict[str, str]:
    """Return the panel's figures in words by the criterion's key; nothing while there are none."""
    return {}


def _of_text(proposal: Proposal) -> Iterable[Source]:
    answers = answers_of(proposal)
    for section in SECTIONS:
        for question in section.questions:
            if question not in _NO_EVIDENCE and is_answered(answers[question]):
                label = _("提案の「%(question)s」", question=question.label)
                yield Source(f"text:{question.value}", label, _("提案の内容"))


def _of_attachments(proposal: Proposal) -> Iterable[Source]:
    for file in proposal.attachments:
        label = _("添付ファイル「%(name)s」", name=file.file_name)
        yield Source(f"attachment:{file.public_id}", label[:200], _("添付ファイル"))


_FINDERS: tuple[Callable[[Proposal], Iterable[Source]], ...] = (_of_text, _of_attachments)
