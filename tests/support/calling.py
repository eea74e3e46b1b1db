"""Make calls for tests, in any phase."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.review import calls
from matchmaker.review.call_facts import CallFacts, CriterionFacts, StageFacts, ThemeFacts
from matchmaker.review.call_models import Call, CallPhase, StageKind
from tests.support import records

STARTS_IN = {CallPhase.DRAFT: 10, CallPhase.COMING: 10, CallPhase.OPEN: -10, CallPhase.CLOSED: -40}


def facts(starts_in: int = 10, **values: Any) -> CallFacts:
    """A whole call that opens in so many days and lasts 30; one theme when a division's id is given."""
    opens_on = clock.today() + timedelta(days=starts_in)
    division_id = values.pop("division_id", None)
    themes = (
        (ThemeFacts("", division_id, "放課後の学びの場", "場所が足りない。", "空き教室の活用"),) if division_id else ()
    )
    whole = CallFacts(
        title="NPOからの協働事業提案",
        aim="新しい協働の形をさがします。",
        eligibility="三重県内で活動する団体。",
        publication_rules="結果と理由を公開します。",
        accepts_free_theme=True,
        consultation_from_on=None,
        opens_on=opens_on,
        closes_on=opens_on + timedelta(days=30),
        grace_minutes=30,
        pass_percent=60,
        themes=themes,
        stages=(StageFacts(StageKind.PAPERS, opens_on + timedelta(days=45)),),
        criteria=(CriterionFacts("課題のとらえ方", "根拠があるか", 2), CriterionFacts("実現の見込み")),
    )
    return replace(whole, **values)


def call(office: User, phase: CallPhase = CallPhase.OPEN, **values: Any) -> Call:
    """A call in a phase, published before it opened where it is published."""
    said = facts(STARTS_IN[phase], **values)
    at = clock.now() - timedelta(days=60)
    with transaction():
        made = calls.draft(said, fiscal_year=2026, actor=office, at=at)
        if phase is not CallPhase.DRAFT:
            calls.publish(made, actor=office, at=at)
    return made


def theme_call(office: User, phase: CallPhase = CallPhase.OPEN, **values: Any) -> Call:
    """A call with one theme of a division."""
    return call(office, phase, division_id=records.division("次世代育成課").id, **values)
