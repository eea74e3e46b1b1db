"""The panel at work in a real browser: ties, a sheet that saves itself, the meeting, and the clock in the hall."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, sign_in

TITLE = "一人で暮らす高齢者と、小学生の手紙をつなぐ（架空）"
CRITERIA = 6


def _fill(page: Page, score: int) -> None:
    for place in range(1, CRITERIA + 1):
        page.locator(f"#score_{place} input[value='{score}']").check()
        page.locator(f"#reason_{place}").fill(f"{place}つ目の理由です。")


def test_a_judge_declares_scores_and_then_reads_the_others_and_the_office_records_the_meeting(new_page):
    judge = sign_in(new_page(), "panel")
    judge.goto("/panel")
    judge.get_by_role("link", name=TITLE).click()
    expect(judge.get_by_role("heading", name="利害関係の申告")).to_be_visible()
    expect(judge.get_by_text("課題の根拠")).to_have_count(0)
    judge.get_by_label("利害関係はありません").check()
    judge.get_by_role("button", name="申告する").click()

    expect(judge.get_by_text("ほかの委員の採点（")).to_have_count(0)
    judge.locator("#reason_1").fill("数で示している。")
    expect(judge.locator("[data-autosave-status]")).to_contain_text("保存しました")
    judge.reload()
    expect(judge.locator("#reason_1")).to_have_value("数で示している。")
    _fill(judge, 4)
    judge.get_by_role("button", name="採点表を提出する").click()
    expect(judge.get_by_text("採点表を提出しました。合計は80.0点です。")).to_be_visible()
    judge.get_by_text("ほかの委員の採点（").click()
    expect(judge.get_by_role("heading", name=re.compile("架空委員 一郎"))).to_be_visible()

    office = sign_in(new_page(), "office")
    number = re.search(r"R\d+-\d{4}", judge.url)[0]
    office.goto(f"/panel/{number}/scores")
    expect(office.get_by_text("採点表の提出：2/3")).to_be_visible()
    office.get_by_role("link", name="審査会の判断を記録する").click()
    office.get_by_label("議長").fill("架空 議長")
    for name in ("デモ 委員 良枝", "架空委員 一郎"):
        office.get_by_label(name, exact=True).check()
    office.get_by_label("第1次審査を通過").check()
    office.get_by_label("判断の理由").fill("発表を聞いて決めたい。")
    office.get_by_label("「課題のとらえ方」についての理由").fill("数で示されている。")
    office.get_by_role("button", name="審査会の判断を記録する").click()
    office.wait_for_url(f"**/review/{number}")
    expect(office.locator("main")).to_contain_text("発表を聞いて決めたい。")


def test_the_clock_counts_down_and_a_telephone_follows(new_page):
    hall, telephone = sign_in(new_page(), "office"), sign_in(new_page(viewport=PHONE), "office")
    for page in (hall, telephone):
        page.goto("/presentations/1/timekeeper")
        expect(page.get_by_role("heading", level=1)).to_have_text("つぎの発表")
    hall.get_by_role("button", name="発表を始める").click()

    expect(hall.locator("[data-left]")).to_have_text(re.compile(r"^(10:00|9:5\d)$"))
    expect(telephone.get_by_role("heading", level=1)).to_have_text("発表")
    telephone.get_by_role("button", name="質疑に移る").click()
    expect(hall.get_by_role("heading", level=1)).to_have_text("質疑")
    hall.get_by_role("button", name="はじめからやり直す").click()
    expect(telephone.get_by_role("heading", level=1)).to_have_text("つぎの発表")


def test_without_scripts_the_clock_shows_the_planned_times(new_page):
    office = sign_in(new_page(javascript=False), "office")
    office.goto("/presentations/1/timekeeper")
    expect(office.locator(".timekeeper")).to_contain_text("13時00分から")
