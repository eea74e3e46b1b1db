"""What of the indicators waits for approval, in the work queue of those who may approve it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingKind
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import counting_rules, progress, service
from matchmaker.indicators.catalogue import DONATIONS
from matchmaker.indicators.counting import RULE_V1
from matchmaker.indicators.progress_degree import ProgressDegree
from matchmaker.proposals.status import CollaborationForm
from matchmaker.review.work import work_of
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries

WITHOUT_COMMISSION = replace(RULE_V1, forms=RULE_V1.forms - {CollaborationForm.COMMISSION})


def put_up(by: User, fy: int = 2026) -> None:
    """A figure, a judgement and a counting rule that wait for somebody else."""
    at = clock.now()
    with transaction():
        entry = service.Entry(fy=fy, value=Decimal(124938), source="成果レポート")
        service.enter(DONATIONS, entry, actor=by, at=at)
        progress.draft(fy, degree=ProgressDegree.PARTLY, reason="半ばまで。", after=0, actor=by, at=at)
        if not counting_rules.list_waiting():
            counting_rules.draft(WITHOUT_COMMISSION, from_fy=fy, reason="委託は別に数えます。", actor=by, at=at)


def waiting(user: User) -> list[tuple[WaitingKind, str, str, str]]:
    return [
        (one.item.kind, one.item.title, one.item.path, one.if_nothing)
        for one in sorted(work_of(user, on=clock.today()), key=lambda one: one.item.kind.value)
    ]


def test_figures_judgements_and_rules_wait_for_the_approver_alone(office, approver, division_staff):
    put_up(office)

    assert waiting(approver) == [
        (
            WaitingKind.FIGURE_APPROVAL,
            "NPO法人に対する寄付金総額：令和8年度の実績値 124,938千円",
            "/indicators/donations-to-npo-corporations#waiting",
            "入力された数値は公開されず、指標は前のままです。",
        ),
        (
            WaitingKind.PROGRESS_APPROVAL,
            f"令和8年度の進展度：{ProgressDegree.PARTLY.label}",
            "/indicators/report/R8#progress",
            "進展度と判断理由は公開されません。",
        ),
        (
            WaitingKind.RULE_ADOPTION,
            "令和8年度からの数え方の案",
            "/indicators/counting-rules/2",
            "次に数えるときも、いまの数え方を使います。",
        ),
    ]
    assert (waiting(office), waiting(division_staff)) == ([], [])


def test_what_one_put_up_oneself_waits_for_somebody_else(approver):
    put_up(approver)
    assert waiting(approver) == []


def test_what_was_approved_waits_no_longer(office, approver):
    put_up(office)
    with transaction():
        progress.approve(2026, edition=1, actor=approver, at=clock.now())
        [rule] = counting_rules.list_waiting()
        counting_rules.adopt(rule, actor=approver, at=clock.now())
    assert [kind for kind, *_rest in waiting(approver)] == [WaitingKind.FIGURE_APPROVAL]


def test_each_line_leads_to_its_place_and_the_start_page_counts_the_same(approver_client, office):
    put_up(office)

    queue = approver_client.get("/work")
    paths = [link["href"] for link in parse(queue.text).select(".work-item h3 a")]

    assert "あなたを待っているものが3件あります。" in main_text(queue.text)
    assert "あなたを待っているものが3件あります。" in main_text(approver_client.get("/").text)
    for path in paths:
        address, _hash, place = path.partition("#")
        page = approver_client.get(address)
        assert page.status_code == 200
        assert not place or parse(page.text).find(id=place) is not None


@pytest.mark.parametrize("address", ["/work", "/"])
def test_the_queue_costs_a_fixed_number_of_queries(address, approver_client, office):
    put_up(office)
    with counted_queries() as few:
        approver_client.get(address)
    put_up(office, fy=2025)
    put_up(office, fy=2024)
    with counted_queries() as many:
        approver_client.get(address)
    assert len(few) == len(many)
