"""What the mails of the process say."""

import pytest
from sqlalchemy import select

from matchmaker.foundation.database import db
from matchmaker.notices.models import Notice
from matchmaker.review.steps import NOTICE_OF
from matchmaker.review.workflow import RELEASES, STEPS, Action
from tests.support.reviewing import SECRET_REASON, People, proposal_at, take

MAILED = [step for step in STEPS if step.action in NOTICE_OF]
OUTCOMES = {action: outcome for outcome, action in RELEASES.items()}


@pytest.mark.parametrize("step", MAILED, ids=lambda step: f"{step.action.value}-from-{step.from_status.value}")
def test_each_mail_is_addressed_names_the_proposal_and_leads_to_it(step, npo, people: People):
    proposal = proposal_at(npo, step.from_status, people, OUTCOMES.get(step.action, OUTCOMES[Action.ADOPT]))

    take(step.action, proposal, people.who_has(step.permission), reason="予算の内訳が\n足りないため。")

    [mail] = db.session.scalars(select(Notice)).all()
    assert mail.to_email == people.owner.email
    assert mail.subject.startswith("【協創マッチング】")
    assert proposal.public_number in mail.subject
    assert mail.body.startswith("みえ子ども応援団\n鈴木花子 様\n\n")
    assert f"「{proposal.title}」" in mail.body
    assert mail.body.count(f"http://localhost/proposals/{proposal.public_number}\n") == 1
    assert "\n\n\n" not in mail.body
    if step.needs_reason:
        assert "予算の内訳が\n足りないため。" in mail.body
    if step.action in OUTCOMES:
        assert (f"結果：{OUTCOMES[step.action].label}" in mail.body, SECRET_REASON in mail.body) == (True, True)
