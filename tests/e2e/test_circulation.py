"""A proposal on its way through the divisions, as the office, a division and the proposer see it."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from matchmaker.foundation import clock
from tests.e2e.conftest import sign_in

TITLE = "伊勢湾の海辺のごみを調べて減らす（架空）"


def test_a_division_finds_its_question_answers_it_and_the_office_and_the_proposer_learn_what_each_may(new_page):
    division, office, npo = new_page(), new_page(), new_page()

    sign_in(division, "division")
    division.goto("/")
    division.get_by_role("link", name="わたしの仕事を見る").click()
    division.get_by_role("link", name=TITLE).click()
    expect(division.get_by_role("heading", level=1)).to_contain_text(TITLE)
    division.get_by_label("困難").check()
    division.get_by_role("button", name="返事をする").click()
    expect(division.get_by_role("alert")).to_contain_text("理由や条件を入力してください")
    division.get_by_label(re.compile("理由、条件、助言")).fill("今年度は人手が足りません。")
    division.get_by_role("button", name="返事をする").click()
    expect(division.get_by_text("返事を記録しました。")).to_be_visible()

    sign_in(npo, "npo")
    number = re.search(r"R\d+-\d{4}", division.url)[0]
    npo.goto(f"/proposals/{number}")
    row = npo.get_by_role("row").filter(has_text="デモ関係課（架空）")
    expect(row).to_contain_text("返事ずみ")
    expect(npo.get_by_text("今年度は人手が足りません。")).to_have_count(0)

    sign_in(office, "office")
    office.goto(f"/review/{number}")
    expect(office.get_by_text("今年度は人手が足りません。")).to_be_visible()


def test_the_office_reminds_late_divisions_from_the_queue_and_comes_back_to_its_selection(new_page):
    office = new_page()
    sign_in(office, "office")
    office.goto("/work?kind=assessing")
    item = office.get_by_role("listitem").filter(has_text=TITLE)
    item.get_by_role("checkbox").check()
    office.get_by_role("button", name="返事のない課に催促する").click()
    expect(office.get_by_text("デモごみ対策課（架空）")).to_be_visible()
    office.get_by_role("button", name="催促のメールを送る").click()
    expect(office.get_by_text("1件のうち1件ができました。")).to_be_visible()

    office.get_by_role("link", name=re.compile("選んだものはそのまま")).click()
    expect(office).to_have_url(re.compile("kind=assessing"))
    expect(office.get_by_role("listitem").filter(has_text=TITLE).get_by_role("checkbox")).to_be_checked()


def test_the_office_promises_a_shorter_time_from_tomorrow_on(new_page):
    office, visitor = new_page(), new_page()
    sign_in(office, "office")
    office.goto("/response-times")
    office.get_by_role("link", name=re.compile("変える.*提案の受理の判断")).click()
    office.get_by_label(re.compile("約束する日数")).fill("７")
    office.get_by_label(re.compile("いつから使うか")).fill((clock.today() + timedelta(days=1)).isoformat())
    office.get_by_label(re.compile("変える理由")).fill("待っている団体が多いため。")
    office.get_by_role("button", name="この日数にする").click()
    expect(office.get_by_role("cell", name="待っている団体が多いため。")).to_be_visible()

    visitor.goto("/response-times")
    expect(visitor.get_by_text("待っている団体が多いため。")).to_have_count(0)
    expect(visitor.get_by_role("row").filter(has_text="提案の受理の判断").first).to_contain_text("10営業日")
