"""Papers: tagged PDF, in our own typeface, with nothing in them that is read as markup."""

import hashlib
import os
import re
import secrets
import time
from urllib.parse import unquote

import pylopdf_fonts_jp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.app import create_app
from matchmaker.attachments import service as attachments
from matchmaker.attachments.models import Attachment
from matchmaker.documents import typesetting
from matchmaker.documents.typesetting import FontsMissing, typeset
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import documents
from matchmaker.review.circulation_models import AnswerCode, CirculationAnswer, CirculationRequest, CirculationStatus
from matchmaker.review.workflow import Outcome
from tests.support import records
from tests.support.reviewing import People, decision_of, proposal_at

LETTER = dict.fromkeys(["subject", "number", "day", "addressee", "sender", "body", "instruction", "contact"], "文")


def is_tagged(pdf: bytes) -> bool:
    return b"/MarkInfo" in pdf and b"/StructTreeRoot" in pdf and b"/Lang" in pdf


def test_a_letter_is_tagged_and_carries_its_typeface():
    pdf = typeset("letter", LETTER)

    assert (pdf[:5], is_tagged(pdf)) == (b"%PDF-", True)
    assert set(re.findall(rb"/BaseFont */[A-Z]{6}\+([A-Za-z-]+)", pdf)) == {
        b"NotoSansJP-Regular-Identity-H",
        b"NotoSansJP-Regular",
    }


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_printed(text):
    assert typeset("letter", LETTER | {"body": text, "subject": f"件名{text}"})[:5] == b"%PDF-"


@pytest.mark.parametrize(
    "hostile",
    [
        '#read("/etc/passwd")',
        "#panic()",
        '#import "x.typ"',
        "$ x $",
        "= 見出し",
        "</script>",
        "\\",
        "]]]",
        "#{",
        "@ref",
        "`",
    ],
)
def test_markup_in_a_text_is_printed_and_not_obeyed(hostile):
    plain, tried = (typeset("letter", LETTER | {"body": body}) for body in ("文", hostile))

    assert abs(len(tried) - len(plain)) < 8_000


def test_a_character_without_shape_in_the_typeface_becomes_a_mark():
    assert typesetting._printable("髙😀\u200b\u0000x") == "髙〓x"


def test_a_missing_typeface_is_told_and_never_replaced(monkeypatch, tmp_path):
    monkeypatch.setattr(pylopdf_fonts_jp, "sans_path", lambda: tmp_path / "none.otf")

    with pytest.raises(FontsMissing):
        typesetting.require_fonts()
    with pytest.raises(FontsMissing):
        create_app("testing")


def test_the_office_and_the_approver_save_letter_and_pack(npo, people: People, office_client, approver_client):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people, Outcome.REJECT)
    decision = decision_of(proposal)

    for client in (office_client, approver_client):
        for kind, path in (
            ("通知文", f"/review/{proposal.number}/letters/{decision.id}.pdf"),
            ("起案", f"/review/{proposal.number}/drafts/{decision.id}.pdf"),
        ):
            answer = client.get(path)
            assert (answer.status_code, answer.mimetype, is_tagged(answer.data)) == (200, "application/pdf", True)
            name = unquote(answer.headers["Content-Disposition"].rpartition("''")[2])
            assert (name, answer.headers["Cache-Control"]) == (f"{proposal.number}_{kind}.pdf", "no-store")


@pytest.mark.parametrize("kind", ["npo_client", "company_client", "division_client", "administrator_client"])
def test_the_pack_is_closed_to_others(kind, npo, people: People, request):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)

    path = f"/review/{proposal.number}/drafts/{decision_of(proposal).id}.pdf"

    assert request.getfixturevalue(kind).get(path).status_code == 403


def words_of(part) -> str:
    if isinstance(part, str):
        return part
    values = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return "\n".join(words_of(one) for one in values)


def test_the_pack_holds_the_whole_file_and_contacts_only_for_who_writes_to_them(npo, people: People):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people, Outcome.REJECT)
    decision = decision_of(proposal)

    office, approver = (
        words_of(documents.pack_content(one, proposal, decision)) for one in (people.office, people.approver)
    )

    for told in (proposal.title, proposal.evidence, npo.name, decision.reason, decision.letter.body, "不採択"):
        assert told in approver
    assert (npo.contact_email in office, npo.contact_email in approver) == (True, False)


def test_a_pack_with_forty_answers_and_ten_files_is_made_at_once_and_carries_the_files(npo, people: People):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    decision = decision_of(proposal)
    for number in range(40):
        answered(proposal, records.division(f"第{number}課"), people.office, "所管の計画と合わせて、" * 40)
    scan = os.urandom(400_000)
    for number in range(10):
        attached(proposal, people.owner, f"資料/{number}「表」.pdf", b"%PDF-1.7\n" + scan)
    db.session.refresh(proposal)
    began = time.monotonic()

    pdf = documents.pack_paper(people.office, proposal, decision).content

    took = time.monotonic() - began
    assert (is_tagged(pdf), pdf.count(b"/EmbeddedFile") >= 10, len(pdf) > 4_000_000, took < 5) == (True,) * 4


def test_what_is_no_pdf_or_image_or_is_lost_is_named_with_its_digest(npo, people: People):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    sheet = attached(proposal, people.owner, "予算.xlsx", b"PK", media_type="application/vnd.ms-excel")
    lost = attached(proposal, people.owner, "消えた.pdf", b"%PDF-1.7")
    attachments.path_of(lost.stored_name).unlink()
    db.session.refresh(proposal)

    content = documents.pack_content(people.office, proposal, decision_of(proposal))
    pdf = documents.pack_paper(people.office, proposal, decision_of(proposal)).content

    [files] = [part for part in content["parts"] if part["title"] == "添付ファイル"]
    assert [row["value"] for row in files["rows"]] == [
        f"{one.file_name}\n別に保管しています\nSHA-256：{one.sha256[:32]}\n{one.sha256[32:]}" for one in (sheet, lost)
    ]
    assert b"/EmbeddedFile" not in pdf


def answered(proposal, division, office, comment: str) -> None:
    with transaction():
        request = CirculationRequest(
            proposal_id=proposal.id,
            division_id=division.id,
            due_on=clock.today(),
            sent_at=clock.now(),
            sent_by_id=office.id,
            status=CirculationStatus.ANSWERED,
        )
        request.answers = [
            CirculationAnswer(
                code=AnswerCode.CONDITIONAL, comment=comment, answered_by_id=office.id, answered_at=clock.now()
            )
        ]
        db.session.add(request)


def attached(proposal, owner, name: str, content: bytes, *, media_type: str = "application/pdf") -> Attachment:
    stored = attachments.StoredFile(
        name, media_type, len(content), hashlib.sha256(content).hexdigest(), secrets.token_hex(16)
    )
    path = attachments.path_of(stored.stored_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with transaction():
        kept = attachments.record(
            stored, organisation_id=proposal.organisation_id, uploaded_by_id=owner.id, at=clock.now()
        )
        proposal.attachments.append(kept)
    return kept


def test_a_pack_of_a_hundred_pages_is_made_within_bounds(npo, people: People):
    long = "\n".join(f"{number}行目：" + "長い文を書きます。" * 12 for number in range(160))
    fields = [
        "issue",
        "evidence",
        "aim",
        "goals",
        "content",
        "schedule",
        "team",
        "role_npo",
        "reason_together",
        "budget_detail",
    ]
    proposal = records.proposal(npo, status=Status.DECISION_DRAFTED, **dict.fromkeys(fields, long))
    other = proposal_at(npo, Status.DECISION_DRAFTED, people)
    began = time.monotonic()

    pdf = documents.pack_paper(people.office, proposal, decision_of(other)).content

    assert (len(pdf) > 100_000, time.monotonic() - began < 20) == (True, True)
