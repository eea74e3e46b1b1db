"""What a role may not know reaches it on no page, in no file, no log line and no mail."""

import re

import pytest

from tests.security.expectations import MEMBERS, NOBODY, REVIEWERS, ROLES, STAFF
from tests.security.world import CANARIES

MAY_KNOW = {
    "contact of the company": {"company", "office"},
    "contact of the other company": {"company_other", "office", "npo"},
    "contact of the NPO": {"npo", "office", "company_other"},
    "unnamed company": {"company"} | REVIEWERS,
    "draft decision": REVIEWERS,
    "private draft": {"npo"} | REVIEWERS,
    "unpublished answers": {"npo"} | REVIEWERS,
    "asking message": {"npo", "company"} | REVIEWERS,
    "talking message": {"npo", "company_other"} | REVIEWERS,
    "declining words": {"npo", "company"} | REVIEWERS,
    "paused interest": {"company"} | REVIEWERS,
    "unconfirmed report": {"office", "division"},
    "waiting organisation": {"waiting", "administrator"} | REVIEWERS,
    "record of a talk": {"npo"} | REVIEWERS,
    "drafted call": REVIEWERS,
    "judged answers": {"npo", "panel", "division"} | REVIEWERS,
    "answer of a division": {"division"} | REVIEWERS,
    "contact of a division": {"division", "office"},
    "score sheet": {"panel"} | REVIEWERS,
    "meeting of the panel": REVIEWERS,
    "question before its release": {"office"},
    "record of a working group": {"npo", "office"},
    "attached file": {"npo"} | REVIEWERS,
    "address of a member": {"npo", "office", "administrator"},
    "secret": set(),
}

NAMED_ON_PURPOSE = re.compile(r"/(organisations|search|accounts|outbox|projects)\b")
"""A verified organisation is in the directory with its name, and can be chosen there by it. Which interest is whose is
the secret: so the name must be on no page about interests, matches, proposals and introductions."""

IN_DEMONSTRATION_ONLY = "/outbox"
"""The mailbox of a demonstration shows all mails by design; production has no such page."""


def test_every_canary_has_its_readers():
    assert set(MAY_KNOW) == set(CANARIES)
    assert set(ROLES) == NOBODY | MEMBERS | STAFF


@pytest.mark.parametrize("kind", CANARIES)
def test_only_those_who_may_know_are_told(walked, kind):
    found = [
        (role, address, canary)
        for (role, address), text in walked.pages.items()
        for canary in CANARIES[kind]
        if role not in MAY_KNOW[kind] and canary in text and not address.startswith(IN_DEMONSTRATION_ONLY)
        if not (kind == "unnamed company" and NAMED_ON_PURPOSE.match(address))
    ]

    assert found == []


@pytest.mark.parametrize("kind", [kind for kind, readers in MAY_KNOW.items() if readers])
def test_each_canary_is_alive_where_it_may_be_read(walked, kind):
    for canary in CANARIES[kind]:
        readers = {role for (role, _address), text in walked.pages.items() if canary in text}
        assert readers & MAY_KNOW[kind], f"{canary} is read by nobody: the search for it proves nothing"


def test_many_pages_were_looked_at_as_every_role(walked):
    counts = {role: sum(1 for who, _address in walked.pages if who == role) for role in ROLES}

    assert min(counts.values()) > 120


def test_no_page_holds_a_hash_or_a_token(walked):
    found = [
        (role, address)
        for (role, address), text in walked.pages.items()
        if not address.startswith(IN_DEMONSTRATION_ONLY) and any(one in text for one in walked.secrets)
    ]

    assert len(walked.secrets) > 10
    assert found == []


def test_the_log_holds_no_canary(walked):
    canaries = [canary for texts in CANARIES.values() for canary in texts]

    assert [canary for canary in canaries if canary in walked.log] == []


def test_mails_hold_no_canary_that_their_reader_may_not_know(walked):
    found = [
        (mail.to_email, canary)
        for mail in walked.mails
        for kind, texts in CANARIES.items()
        for canary in texts
        if walked.role_of.get(mail.to_email) not in MAY_KNOW[kind] and canary in mail.subject + mail.body
    ]

    assert len(walked.mails) >= 4
    assert found == []
