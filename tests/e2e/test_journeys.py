"""The main job, walked as new people would walk it."""

import re

from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import sign_in

PASSWORD = "うみ と やま と 4つの まち"


def _confirm_address(page: Page, address: str) -> None:
    """Open the newest mail to the address and use its link."""
    page.goto("/outbox")
    page.locator("article").filter(has_text=address).first.get_by_role("link").first.click()
    page.get_by_role("main").get_by_role("button").first.click()


def _sign_in_anew(page: Page, address: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("メールアドレス").fill(address)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="ログイン").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _sign_up(page: Page, side: str, address: str, name: str) -> None:
    page.goto(f"/sign-up/{side}")
    page.get_by_label("あなたの名前").fill("海野 みどり")
    page.get_by_label("あなたのメールアドレス").fill(address)
    page.get_by_label("パスワード", exact=False).first.fill(PASSWORD)
    page.get_by_label(re.compile("の名前(?!のよみ)")).last.fill(name)
    page.get_by_label("よみ").fill("てすとのかい")
    page.get_by_label(re.compile("の種類")).select_option(label="NPO法人" if side == "npo" else "会社")
    page.get_by_label("三重県の中の市町").select_option(label="津市")
    page.get_by_label(re.compile("どのような(団体|会社・団体)ですか")).fill(
        "津市の海辺で、子どもと自然をつなぐ活動をしています。"
    )
    if side == "npo":
        page.get_by_label("子どもの健全育成を図る活動").check()
    else:
        page.get_by_label("業種").select_option(label="製造業")
    page.get_by_label("連絡先の電話番号").fill("０５９-０００-００００")
    page.get_by_role("main").get_by_role("button", name=re.compile("登録")).click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("登録する")


def _verify(page: Page, name: str) -> None:
    page.goto("/organisations/verification")
    page.get_by_role("link", name=re.compile(name)).click()
    page.get_by_role("button", name="確認する", exact=True).click()


def test_a_new_npo_s_idea_becomes_a_match_a_decision_a_project_and_a_counted_figure(new_page):
    npo, office, approver = new_page(), new_page(), new_page()
    name, address = "海辺の学び舎", "umino@example.jp"

    _sign_up(npo, "npo", address, name)
    _confirm_address(npo, address)
    _sign_in_anew(npo, address)

    npo.goto("/proposals/new")
    npo.get_by_label("事業の名前").fill("干潟の生き物を子どもと調べて守る")
    npo.get_by_label("解決したい社会課題").fill("伊勢湾の干潟が減り、子どもが海で学ぶ機会も減っている。")
    npo.get_by_label("だれのための事業か").fill("津市の小学生 120人")
    npo.get_by_role("button", name="保存して次へ進む").click()
    npo.get_by_label("津市").check()
    npo.get_by_label("種類").first.select_option(label="人材・専門技能")
    npo.get_by_label("くわしい内容").first.fill("干潟で子どもを見守る社員ボランティア")
    npo.get_by_label("量").first.fill("１０")
    npo.get_by_label("単位").first.select_option(label="人")
    expect(npo.get_by_role("complementary").get_by_text(re.compile("[0-9]+ ?点")).first).to_be_visible()
    npo.get_by_role("button", name="保存して、合う企業を見る").click()
    expect(npo).to_have_url(re.compile(r"/matches/D-\d+"))
    draft = re.search(r"D-\d+", npo.url)[0]
    expect(npo.get_by_text(re.compile("[0-9]+ ?点")).first).to_be_visible()

    sign_in(office, "office")
    _verify(office, name)

    for section, answers in enumerate(
        (
            {"課題の根拠": "市の調査で、干潟は30年で半分になった。", "目的": "海を知る子どもを育てる。"}
            | {"目標": "1年で6回、のべ120人が調べる。"},
            {"始める日": "2027-04-15", "終わる日": "2028-03-20", "事業の内容と方法": "月に1回の観察会と記録。"}
            | {"スケジュール": "4月 準備、5月から観察会。", "実施の体制": "職員2人、講師1人"},
            {"NPOの役割": "観察会の運営", "県の役割": "学校への案内", "いっしょに行う理由": "学校との橋渡しが必要。"},
            {"事業費の総額": "４５０，０００", "収支の内訳": "講師謝金 20万円、教材 25万円"},
        ),
        start=1,
    ):
        npo.goto(f"/proposals/{draft}/edit/{section}")
        for label, value in answers.items():
            npo.get_by_label(label).first.fill(value)
        npo.get_by_role("button", name="保存して一覧にもどる").click()
    npo.goto(f"/proposals/{draft}/edit/5")
    npo.get_by_label("政治活動や宗教活動").check()
    npo.get_by_label("暴力団").check()
    npo.get_by_label("ダイバーシティ社会推進課").check()
    npo.get_by_role("button", name="保存して一覧にもどる").click()
    npo.get_by_role("link", name="内容を確認する").click()
    npo.get_by_role("button", name=re.compile("提出")).click()
    expect(npo).to_have_url(re.compile(r"/proposals/R\d+-\d{4}$"))
    number = re.search(r"R\d+-\d{4}", npo.url)[0]

    office.goto("/review")
    office.get_by_role("link", name="干潟の生き物を子どもと調べて守る").click()
    office.get_by_role("link", name="受理する").click()
    for answer in office.get_by_label("はい（問題なし）").all():
        answer.check()
    office.get_by_role("button", name="受理する").click()
    office.get_by_label("採択", exact=True).check()
    office.get_by_label("理由").first.fill("地域の課題に合い、役割分担がはっきりしている。")
    fill_grounds(office)
    office.get_by_role("button", name="起案する").click()
    expect(npo.get_by_text("採択", exact=True)).to_have_count(0)

    sign_in(approver, "approver")
    approver.goto("/review")
    approver.get_by_role("link", name="干潟の生き物を子どもと調べて守る").click()
    approver.get_by_role("button", name=re.compile("決裁する")).click()

    npo.goto(f"/proposals/{number}")
    expect(npo.get_by_text("地域の課題に合い、役割分担がはっきりしている。").first).to_be_visible()

    office.goto("/indicators/npo-prefecture-projects/R9/members")
    before = office.get_by_role("link", name=re.compile("干潟の生き物")).count()
    office.goto("/projects?q=干潟の生き物")
    office.get_by_role("link", name="干潟の生き物を子どもと調べて守る", exact=True).click()
    project = re.search(r"R\d+-P\d+", office.url)[0]
    npo.goto(f"/projects/{project}/form")
    npo.get_by_label("いいえ").first.check()
    npo.get_by_label("いいえ").nth(1).check()
    npo.get_by_label("実行委員会・協議会").check()
    npo.get_by_label("手続きはいらない").check()
    npo.get_by_label("この形を選んだ理由").fill("費用がなく、いっしょに運営するため。")
    npo.get_by_role("button", name="この形にする").click()
    npo.get_by_role("link", name="文書の下書きをつくる").click()
    npo.get_by_role("button", name="この版を出して").click()
    npo.get_by_role("button", name="第1版に署名する").click()
    office.goto(f"/projects/{project}/agreement")
    office.get_by_role("button", name="第1版に署名する").click()
    office.get_by_text("紙に署名したことを記録する").click()
    paper = office.locator("form[action$='/agreement/paper']")
    paper.get_by_label("署名する人の名前").fill("課長 太郎")
    paper.get_by_label("署名した日").fill("2026-11-20")
    office.get_by_role("button", name="紙の署名を記録する").click()
    expect(office.get_by_text("効力あり")).to_be_visible()
    office.goto("/indicators/npo-prefecture-projects/R9")
    office.get_by_role("button", name="いまの記録で数え直す").click()
    office.goto("/indicators/npo-prefecture-projects/R9/members")
    assert (before, office.get_by_role("link", name=re.compile("干潟の生き物")).count()) == (0, 1)


def test_a_company_without_a_theme_in_mind_finds_a_partner_in_one_screen(new_page):
    company, office, npo = new_page(), new_page(), new_page()
    name, address = "津の町工場", "kojo@example.jp"
    _sign_up(company, "company", address, name)
    _confirm_address(company, address)
    sign_in(office, "office")
    _verify(office, name)
    _sign_in_anew(company, address)

    company.goto("/interests/new")
    company.get_by_label("まだ決まっていない").check()
    company.get_by_label("三重県", exact=True).or_(company.get_by_label("三重県の全域")).first.check()
    company.get_by_label("種類").first.select_option(label="人材・専門技能")
    company.get_by_label("内容", exact=True).first.fill("休日の社員ボランティア")
    company.get_by_role("button", name="登録して、合う提案を見る").click()
    expect(company).to_have_url(re.compile(r"/matches/K-\d+"))
    interest = re.search(r"K-\d+", company.url)[0]

    company.goto(f"/matches/R8-0001~{interest}")
    company.get_by_label("相手へのメッセージ").fill("放課後の教室を、社員が手伝えます。")
    company.get_by_role("button", name="紹介を依頼する").click()
    asked = re.search(r"S-\d+", company.url)[0]
    expect(company.get_by_text("059-")).to_have_count(0)

    sign_in(npo, "npo")
    npo.goto(f"/introductions/{asked}")
    expect(npo.get_by_text(address)).to_have_count(0)
    npo.get_by_role("button", name="話し合いを始める").click()
    expect(npo.get_by_text(address).first).to_be_visible()

    company.goto(f"/introductions/{asked}")
    expect(company.get_by_role("heading", name="連絡先").first).to_be_visible()


def test_the_npo_s_journey_works_without_javascript(new_page):
    page = sign_in(new_page(javascript=False), "npo")

    page.goto("/proposals/new")
    page.get_by_label("事業の名前").fill("スクリプトなしで書いた提案（架空）")
    page.get_by_role("button", name="保存して次へ進む").click()
    page.get_by_label("桑名市").check()
    page.get_by_label("種類").nth(4).select_option(label="資金")
    page.get_by_label("始める日").fill("2027-05-01")
    page.get_by_label("終わる日").fill("2027-04-01")
    page.get_by_role("button", name="保存して、合う企業を見る").click()
    expect(page.locator("#ends_on-error")).to_contain_text("始める日")
    expect(page.get_by_label("桑名市")).to_be_checked()
    page.get_by_label("終わる日").fill("2028-03-31")
    page.get_by_role("button", name="保存して、合う企業を見る").click()
    expect(page).to_have_url(re.compile(r"/matches/D-\d+"))
    draft = re.search(r"D-\d+", page.url)[0]
    page.goto(f"/proposals/{draft}/check")
    page.get_by_role("link", name="目的を入力してください").click()
    page.get_by_label("目的").fill("スクリプトなしでも書ける。")
    page.get_by_role("button", name="保存して一覧にもどる").click()
    page.goto(f"/proposals/{draft}/edit/1")
    expect(page.get_by_label("目的")).to_have_value("スクリプトなしでも書ける。")


def fill_grounds(office):
    """Say under each criterion what was found and on what it rests."""
    form = office.locator("form[action$='/draft-decision']")
    for place in range(form.get_by_label("おもな根拠").count()):
        form.get_by_label("判断").nth(place).fill("提案の内容から、十分だと判断した。")
        form.get_by_label("おもな根拠").nth(place).select_option(index=1)


def test_the_office_and_the_approver_work_without_javascript(new_page):
    office = sign_in(new_page(javascript=False), "office")
    office.goto("/review/R8-0003")
    office.get_by_role("button", name="起案する").click()
    expect(office.locator("[id$='-error']").first).to_be_visible()
    office.get_by_label("不採択", exact=True).check()
    office.get_by_label("理由").first.fill("今年度は同じ地域の調査が進んでいるため。")
    office.get_by_label("これから行うこと").fill("来年度の募集に、調査の結果を入れて提案してください。")
    fill_grounds(office)
    office.get_by_role("button", name="起案する").click()

    approver = sign_in(new_page(javascript=False), "approver")
    approver.goto("/review/R8-0003")
    approver.get_by_role("button", name=re.compile("決裁する")).click()

    reader = new_page(javascript=False)
    reader.goto("/proposals/R8-0003")
    expect(reader.get_by_text("今年度は同じ地域の調査が進んでいるため。").first).to_be_visible()


def test_a_draft_saves_itself_and_survives_a_lost_session(new_page):
    page = sign_in(new_page(), "npo")
    page.goto("/proposals/D-0063/edit/3")
    page.get_by_label("企業の役割").fill("空き店舗の片付けを手伝う")
    expect(page.get_by_text(re.compile("保存しました")).first).to_be_visible()

    page.context.clear_cookies()
    page.goto("/proposals/D-0063/edit/3")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_label("メールアドレス").fill("npo@demo.example")
    page.get_by_label("パスワード", exact=True).fill("kyoso-mie-demo-2026")
    page.get_by_role("main").get_by_role("button", name="ログイン").click()

    expect(page).to_have_url(re.compile("/proposals/D-0063/edit/3"))
    expect(page.get_by_label("企業の役割")).to_have_value("空き店舗の片付けを手伝う")


def test_words_typed_before_the_scripts_arrive_are_saved_like_all_others(new_page):
    page = sign_in(new_page(), "npo")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"\.js"), hold)
    page.goto("/proposals/D-0063/edit/3", wait_until="commit")
    page.get_by_label("企業の役割").fill("空き店舗の掃除を手伝う")
    assert held
    page.unroute_all()  # what was held goes on

    expect(page.get_by_text(re.compile("保存しました")).first).to_be_visible()
    page.reload()
    expect(page.get_by_label("企業の役割")).to_have_value("空き店舗の掃除を手伝う")


def test_enter_during_kanji_conversion_does_not_submit_and_a_double_click_acts_once(new_page):
    page = sign_in(new_page(), "npo")
    page.goto("/proposals/new")
    title = page.get_by_label("事業の名前")
    title.fill("変換中の提案（架空）")
    title.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true}))"
    )
    expect(page).to_have_url(re.compile("/proposals/new"))

    page.get_by_role("button", name="保存して次へ進む").dblclick()
    page.wait_for_url(re.compile(r"/proposals/D-\d+/needs"))
    page.goto("/proposals/mine")
    expect(page.get_by_role("link", name="変換中の提案（架空）", exact=True)).to_have_count(1)
