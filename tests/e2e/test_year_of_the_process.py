"""A year of the process as 2011 was: from the call to the counted figure, each role in a browser of its own.

One proposal goes the whole way: call and theme, reception, circulation, papers, public presentation, panel, letter,
working group, agreement, delivery, reflection, figure. What each role must not see yet is asked on the way.
"""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in

TITLE = "空き店舗を放課後の居場所にする（架空）"
NPO, DIVISION = "デモ団体 伊勢湾まなびの会（架空）", "デモ部局（架空） デモ関係課（架空）"


@dataclass
class People:
    """Everybody who takes part, each signed in."""

    npo: Page
    office: Page
    division: Page
    panel: Page
    approver: Page
    coordinator: Page
    visitor: Page


def test_a_year_from_the_call_to_the_counted_figure(new_page):
    roles = ("npo", "office", "division", "panel", "approver", "coordinator")
    people = People(**{role: sign_in(new_page(), role) for role in roles}, visitor=new_page())

    criteria_are_public_before_anybody_submits(people)
    number = npo_writes_and_submits(people)
    office_receives(people, number)
    division_answers(people, number)
    panel_declares_and_scores(people, number)
    first_stage_is_decided_and_told(people, number)
    proposal_is_presented(people, number)
    panel_scores_again_and_decides_together(people, number)
    adoption_is_decided_and_told(people, number)
    project = parties_agree(people, number)
    project_is_carried_out(people, project)
    both_sides_look_back(people, project)
    figure_counts_the_project(people, project)


def criteria_are_public_before_anybody_submits(people: People) -> None:
    people.visitor.goto("/criteria")
    expect(people.visitor.get_by_role("heading", name=re.compile("審査基準")).first).to_be_visible()
    expect(people.visitor.get_by_text("課題のとらえ方").first).to_be_visible()


def npo_writes_and_submits(people: People) -> str:
    npo = people.npo
    npo.goto("/proposals/new")
    npo.get_by_label("事業の名前").fill(TITLE)
    npo.get_by_label("解決したい社会課題").fill("放課後に一人で夕食をとる子どもがいる。")
    npo.get_by_label("子どもの健全育成を図る活動").check()
    npo.get_by_role("button", name="保存して次へ進む").click()
    npo.wait_for_url(re.compile(r"/proposals/D-\d+/needs"))
    draft = re.search(r"D-\d+", npo.url)[0]
    npo.get_by_label("津市", exact=True).check()
    npo.get_by_label("種類").first.select_option(label="場所・施設")
    npo.get_by_label("くわしい内容").first.fill("商店街の空き店舗")
    npo.get_by_role("button", name="保存して、合う企業を見る").click()
    sections: tuple[dict[str, str], ...] = (
        {"課題の根拠": "市の調査で3割が一人で夕食。", "目的": "一人で食べる子をなくす。"}
        | {"だれのための事業か": "小学生60人", "目標": "1年で24回、のべ600人"},
        {"始める日": "2027-04-15", "終わる日": "2028-03-20", "事業の内容と方法": "月2回の食堂"}
        | {"スケジュール": "4月 準備", "実施の体制": "職員2人"},
        {"NPOの役割": "運営", "県の役割": "場所の調整", "いっしょに行う理由": "学校との橋渡し"},
        {"事業費の総額": "９００，０００", "収支の内訳": "食材 60万円、謝金 30万円"},
    )
    for section, answers in enumerate(sections, start=1):
        npo.goto(f"/proposals/{draft}/edit/{section}")
        for label, value in answers.items():
            npo.get_by_label(label).first.fill(value)
        npo.get_by_role("button", name="保存して一覧にもどる").click()
    npo.goto(f"/proposals/{draft}/edit/5")
    npo.get_by_label("政治活動や宗教活動").check()
    npo.get_by_label("暴力団").check()
    npo.get_by_role("button", name="保存して一覧にもどる").click()
    npo.goto(f"/proposals/{draft}/call")
    npo.get_by_label(re.compile("テーマ「?商店街の空き店舗|商店街の空き店舗を")).first.check()
    npo.get_by_role("main").get_by_role("button", name="保存する").click()
    npo.get_by_role("link", name="内容を確認する").click()
    expect(npo.get_by_text(re.compile("のテーマ「.*」に応募します"))).to_be_visible()
    npo.get_by_role("button", name="この内容で提出する").click()
    expect(npo).to_have_url(re.compile(r"/proposals/R\d+-\d{4}$"))
    return re.search(r"R\d+-\d{4}", npo.url)[0]


def office_receives(people: People, number: str) -> None:
    office = people.office
    office.goto("/work")
    office.get_by_role("link", name=TITLE).first.click()
    expect(office).to_have_url(re.compile(number))
    office.goto(f"/review/{number}/reception")
    office.get_by_role("button", name="受理する").click()
    expect(office.get_by_text(re.compile("選んでください|確認して")).first).to_be_visible()
    for box in office.get_by_label("はい（問題なし）").all():
        box.check()
    office.get_by_role("button", name="受理する").click()
    expect(office.get_by_text("受理しました")).to_be_visible()


def division_answers(people: People, number: str) -> None:
    office, division, npo = people.office, people.division, people.npo
    office.goto(f"/review/{number}/circulation")
    office.get_by_label(DIVISION).check()
    office.get_by_role("button", name="回付する", exact=True).click()
    expect(office.get_by_text("1つの課に回付しました")).to_be_visible()
    npo.goto(f"/proposals/{number}")
    expect(npo.get_by_role("row", name=re.compile("デモ関係課.*返事待ち"))).to_be_visible()

    division.goto("/work")
    division.get_by_role("link", name=TITLE).first.click()
    division.get_by_label("条件つきで可能").check()
    division.get_by_label("理由、条件、助言").fill("会場の安全を確かめられれば可能です。")
    division.get_by_role("button", name="返事をする").click()
    npo.goto(f"/proposals/{number}")
    expect(npo.get_by_role("row", name=re.compile("デモ関係課.*返事ずみ"))).to_be_visible()
    expect(npo.get_by_text("会場の安全を確かめられれば")).to_have_count(0)


def panel_declares_and_scores(people: People, number: str) -> None:
    office, panel = people.office, people.panel
    office.goto("/panel/assignments/R8-C1")
    office.get_by_label(f"デモ 委員 良枝さんが {number} を審査する").check()
    office.get_by_role("button", name="割り当てを保存する").click()

    panel.goto("/work")
    panel.get_by_role("link", name=TITLE).first.click()
    expect(panel.get_by_text("市の調査で3割が一人で夕食。")).to_have_count(0)
    panel.get_by_label("利害関係はありません").check()
    panel.get_by_role("button", name="申告する").click()
    expect(panel.get_by_text("市の調査で3割が一人で夕食。")).to_be_visible()
    _hand_in_scores(panel)


def first_stage_is_decided_and_told(people: People, number: str) -> None:
    _draft(people.office, number, "第1次審査を通過", "課題と役割がはっきりしている。")
    _decide(people.approver, number)
    people.npo.goto(f"/proposals/{number}")
    expect(people.npo.get_by_text("第1次審査を通過")).to_have_count(0)
    _tell_now(people.approver)
    people.npo.goto(f"/proposals/{number}")
    expect(people.npo.get_by_text("第1次審査を通過").first).to_be_visible()


def proposal_is_presented(people: People, number: str) -> None:
    office = people.office
    office.goto("/presentations/new")
    office.get_by_label("名前").fill("公開プレゼンテーション（この年）")
    office.get_by_label("募集").select_option(index=1)
    office.get_by_label("日", exact=False).first.fill("2026-12-10")
    office.get_by_label("始める時刻").fill("13:00")
    office.get_by_label("場所").fill("アスト津 3階")
    office.get_by_role("button", name="保存する").click()
    office.get_by_label(re.compile(number)).check()
    office.get_by_role("button", name="枠を作る").click()
    office.get_by_role("button", name="プログラムを公開する").click()
    programme = re.sub(r"/manage$", "", office.url)
    people.visitor.goto(programme)
    expect(people.visitor.get_by_text("アスト津 3階")).to_be_visible()
    office.goto(f"{programme}/manage")
    office.get_by_role("button", name="残りの枠を、すべて発表ずみにする").click()
    expect(office.get_by_text("すべて発表ずみにしました")).to_be_visible()


def panel_scores_again_and_decides_together(people: People, number: str) -> None:
    people.panel.goto(f"/panel/{number}")
    _hand_in_scores(people.panel)
    office = people.office
    office.goto(f"/panel/{number}/decision")
    office.get_by_label("審査会の日").fill("2026-11-24")
    office.get_by_label("議長").fill("デモ 委員 良枝")
    office.get_by_label("デモ 委員 良枝").first.check()
    office.get_by_label("採択", exact=True).check()
    office.get_by_label("判断の理由").fill("全員が採択に賛成した。")
    office.get_by_label("「課題のとらえ方」についての理由").fill("根拠が確かである。")
    office.get_by_role("button", name="審査会の判断を記録する").click()
    expect(office.get_by_text("審査会の判断を記録しました")).to_be_visible()


def adoption_is_decided_and_told(people: People, number: str) -> None:
    _draft(people.office, number, "採択", "地域の課題に合い、役割がはっきりしている。")
    _decide(people.approver, number)
    people.npo.goto(f"/proposals/{number}")
    expect(people.npo.get_by_text("採択", exact=True)).to_have_count(0)
    _tell_now(people.approver)
    people.npo.goto(f"/proposals/{number}")
    expect(people.npo.get_by_text("地域の課題に合い、役割がはっきりしている。").first).to_be_visible()
    expect(people.npo.get_by_text("会場の安全を確かめられれば可能です。")).to_be_visible()
    people.npo.get_by_role("link", name=re.compile("通知文を読む")).first.click()
    expect(people.npo.get_by_text(re.compile("第R8-.*号|協創第")).first).to_be_visible()


def parties_agree(people: People, number: str) -> str:
    npo = people.npo
    npo.goto("/projects/mine")
    npo.get_by_role("link", name=TITLE).click()
    project = re.search(r"R\d+-P\d+", npo.url)[0]
    expect(npo.get_by_text("デモ関係課（架空）").first).to_be_visible()  # it was willing when it was asked

    npo.goto(f"/projects/{project}/meetings/new")
    npo.get_by_label("開く日").fill("2026-11-24")
    npo.get_by_label("目的").fill("役割と日程を決める")
    npo.get_by_label(re.compile("公開（事業の")).check()
    npo.get_by_label("議事録").fill("役割を決めた。")
    npo.get_by_role("button", name="保存する").click()

    npo.goto(f"/projects/{project}/form")
    for name, value in (
        ("has_public_cost", "no"),
        ("prefecture_specifies", "no"),
        ("form_of_collaboration", "agreement"),
        ("procedure", "none"),
    ):
        npo.locator(f"input[name={name}][value={value}]").check()
    npo.get_by_label("この形を選んだ理由").fill("県の新しい費用がないため。")
    npo.get_by_role("button", name="この形にする").click()
    npo.get_by_role("link", name="文書の下書きをつくる").click()
    npo.get_by_role("button", name=re.compile("署名をお願いする")).click()
    for page, party in ((npo, NPO), (people.division, DIVISION), (people.office, "NPO担当課")):
        page.goto(f"/projects/{project}/agreement")
        page.get_by_label("だれとして署名しますか").select_option(label=party)
        page.get_by_label("署名する人の名前").fill("署名 太郎")
        page.get_by_role("button", name=re.compile("に署名する")).click()
    expect(people.office.get_by_text("効力あり").first).to_be_visible()
    return project


def project_is_carried_out(people: People, project: str) -> None:
    npo, division = people.npo, people.division
    npo.goto(f"/projects/{project}/steps/start")
    npo.get_by_role("button", name="実施を始める").click()
    for report in (1, 2):
        npo.goto(f"/projects/{project}/reports/{report}")
        npo.get_by_label("行ったこと").fill("12回ひらいた。")
        npo.get_by_label("結果").fill("のべ320人が来た。")
        npo.get_by_role("button", name="報告を出す").click()
        division.goto(f"/projects/{project}/reports/{report}")
        division.get_by_label("受理する").check()
        division.get_by_role("button", name="回答する").click()
        expect(division.get_by_text("受理", exact=False).first).to_be_visible()
    division.goto(f"/projects/{project}/steps/complete")
    division.get_by_role("button", name="完了を確定する").click()
    expect(division.get_by_text("記録しました：完了を確定")).to_be_visible()


def both_sides_look_back(people: People, project: str) -> None:
    office, npo, division, coordinator = people.office, people.npo, people.division, people.coordinator
    here = f"/projects/{project}/reflection"
    office.goto(here)
    office.get_by_label("頼む人").select_option(label="デモ 協創 友子")
    office.get_by_role("button", name="この人に頼む").click()
    office.get_by_label("終わり", exact=True).check()
    office.get_by_label("提出の期限").fill("2027-01-29")
    office.get_by_role("button", name="ふりかえりを始める").click()
    for page, score in ((npo, "2"), (division, "4")):
        page.goto(f"{here}/1/sheet")
        for radio in page.locator(f"main input[type=radio][value='{score}']").all():
            radio.check()
        page.get_by_label("むずかしかったこと").fill(f"{score}点の側のことば")
        page.get_by_role("button", name="提出する", exact=True).click()
        if page is npo:
            division.goto(f"{here}/1")
            expect(division.get_by_text("2点の側のことば")).to_have_count(0)
    expect(division.get_by_text("2点の側のことば")).to_be_visible()

    coordinator.goto("/work")
    coordinator.get_by_role("link", name=TITLE).first.click()
    coordinator.get_by_role("link", name="まとめを書く").click()
    coordinator.get_by_label("公開するまとめ").fill("のべ320人が来ました。次は会場を先に決めます。")
    coordinator.get_by_label("「役割分担」を書く人へ").fill("窓口の係を1つ決めておくと迷いません。")
    coordinator.get_by_role("button", name="保存して、公開してよいかをたずねる").click()
    for page in (npo, division):
        page.goto(f"{here}/1")
        page.get_by_role("button", name="このまとめの公開に同意する").click()
    people.visitor.goto(f"{here}/1")
    expect(people.visitor.get_by_text("のべ320人が来ました。")).to_be_visible()
    expect(people.visitor.get_by_text("2点の側のことば")).to_have_count(0)


def figure_counts_the_project(people: People, project: str) -> None:
    office = people.office
    office.goto("/indicators/npo-prefecture-projects/R9")
    office.get_by_role("button", name="いまの記録で数え直す").click()
    people.visitor.goto("/indicators/npo-prefecture-projects/R9/members")
    expect(people.visitor.get_by_role("link", name=TITLE)).to_be_visible()
    people.visitor.get_by_role("link", name=TITLE).click()
    expect(people.visitor).to_have_url(re.compile(project))


def _hand_in_scores(panel: Page) -> None:
    criteria = panel.locator("main textarea[name^=reason_]")
    for place in range(1, criteria.count() + 1):
        panel.locator(f"input[name=score_{place}][value='4']").check()
        panel.locator(f"textarea[name=reason_{place}]").fill("根拠が書かれている。")
    panel.get_by_role("button", name="採点表を提出する").click()
    expect(panel.get_by_text("採点表を提出しました")).to_be_visible()


def _draft(office: Page, number: str, outcome: str, reason: str) -> None:
    office.goto(f"/review/{number}")
    office.get_by_label(outcome, exact=True).check()
    form = office.locator("form[action$='/draft-decision']")
    form.get_by_label("理由").first.fill(reason)
    for place in range(form.get_by_label("おもな根拠").count()):
        form.get_by_label("判断").nth(place).fill("よい。")
        form.get_by_label("おもな根拠").nth(place).select_option(index=1)
    form.get_by_role("button", name="起案する").click()
    expect(office.get_by_text("起案しました")).to_be_visible()


def _decide(approver: Page, number: str) -> None:
    approver.goto(f"/review/{number}")
    approver.get_by_role("button", name=re.compile("で決裁する")).click()
    expect(approver.get_by_text("決裁しました")).to_be_visible()


def _tell_now(approver: Page) -> None:
    approver.goto("/review/results")
    approver.get_by_role("link", name="内容を確かめて通知する").click()
    approver.get_by_label("いますぐ通知する").check()
    approver.get_by_role("button", name="通知する・予約する").click()
    expect(approver.get_by_text("結果を通知しました")).to_be_visible()
