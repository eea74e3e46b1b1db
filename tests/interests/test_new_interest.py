from datetime import timedelta

from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.interests.answers import Answers, answers_of
from matchmaker.interests.models import Interest
from matchmaker.interests.status import InterestStatus
from matchmaker.matching.facts import Offer
from matchmaker.matching.terms import ActivityField, LegalForm, ResourceKind, Theme, Unit
from tests.support.pages import errors_beside_fields, main_text, parse


def typed(**changed):
    """What a browser sends when all questions are answered; a change to None leaves the field out."""
    values = {
        "themes": ["education", "food"],
        "wide_places": ["24:北勢"],
        "municipalities": ["242012"],
        "prefectures": ["23"],
        "offers-0-kind": "people",
        "offers-0-detail": "社員ボランティア",
        "offers-0-amount": "１０",
        "offers-0-unit": "people",
        "offers-1-kind": "goods",
        "offers-1-detail": "文具",
        "refused_fields": ["tourism"],
        "refused_legal_forms": ["committee"],
        "refused_kinds": ["money"],
        "refuses_outside_regions": "y",
        "refusal_note": "催しへの協賛は受けていません。",
        "valid_until_on": (clock.today() + timedelta(days=100)).isoformat(),
        "policy": "次の世代を支えます。",
        "shows_name": "y",
    }
    return {name: value for name, value in (values | changed).items() if value is not None}


def stored(session):
    session.expire_all()
    return session.scalars(select(Interest).order_by(Interest.id)).all()


def test_form_opens_with_the_companys_prefecture_and_one_year(company_client):
    page = parse(company_client.get("/interests/new").get_data(as_text=True))
    assert [box["value"] for box in page.select("[name=wide_places][checked]")] == ["24"]
    assert page.select_one("[name=valid_until_on]")["value"] == (clock.today() + timedelta(days=365)).isoformat()


def test_answers_are_stored_active_and_lead_to_the_matches(company_client, company, session):
    response = company_client.post("/interests/new", data=typed())
    (interest,) = stored(session)
    assert (response.status_code, response.location) == (303, f"/matches/{interest.number}")
    assert (interest.number, interest.status, interest.organisation_id) == ("K-0001", InterestStatus.ACTIVE, company.id)
    assert answers_of(interest) == Answers(
        valid_until_on=clock.today() + timedelta(days=100),
        themes=(Theme.EDUCATION, Theme.FOOD),
        place_codes=("23", "242012", "24:北勢"),
        offers=(
            Offer(ResourceKind.PEOPLE, "社員ボランティア", 10, Unit.PEOPLE),
            Offer(ResourceKind.GOODS, "文具"),
        ),
        refused_fields=(ActivityField.TOURISM,),
        refused_legal_forms=(LegalForm.COMMITTEE,),
        refused_kinds=(ResourceKind.MONEY,),
        refuses_outside_regions=True,
        refusal_note="催しへの協賛は受けていません。",
        policy="次の世代を支えます。",
        shows_name=True,
    )


def test_undecided_company_needs_no_theme_and_no_offer(company_client, session):
    sent = {"themes": ["undecided"], "wide_places": ["00"], "valid_until_on": clock.today().isoformat()}
    response = company_client.post("/interests/new", data=sent)
    (interest,) = stored(session)
    assert response.status_code == 303
    assert answers_of(interest) == Answers(valid_until_on=clock.today(), is_undecided=True, place_codes=("00",))


def test_same_answers_sent_twice_are_stored_once(company_client, session):
    first = company_client.post("/interests/new", data=typed())
    second = company_client.post("/interests/new", data=typed())
    assert first.location == second.location == "/matches/K-0001"
    assert [interest.number for interest in stored(session)] == ["K-0001"]


def test_other_answers_make_a_second_interest(company_client, session):
    company_client.post("/interests/new", data=typed())
    company_client.post("/interests/new", data=typed(policy="別の方針です。"))
    assert [interest.number for interest in stored(session)] == ["K-0001", "K-0002"]


def test_empty_form_says_beside_each_field_what_is_missing(company_client, session):
    response = company_client.post("/interests/new", data={})
    assert response.status_code == 422
    assert errors_beside_fields(response.get_data(as_text=True)) == {
        "themes": "エラー： テーマを選ぶか、「まだ決まっていない」を選んでください",
        "wide_places": "エラー： 地域を1つ以上選んでください。決まっていなければ「全国」を選んでください",
        "valid_until_on": "エラー： いつまで登録するかを入力してください",
    }
    assert stored(session) == []


def test_bad_answers_get_a_message_each_and_stay_as_typed(company_client, session):
    sent = typed(
        **{
            "themes": ["undecided", "food"],
            "offers-0-amount": "たくさん",
            "offers-1-kind": "",
            "offers-2-kind": "place",
            "offers-2-amount": "3",
            "offers-3-kind": "money",
            "offers-3-unit": "yen",
            "offers-4-kind": "network",
            "offers-4-detail": "あ" * 201,
            "valid_until_on": "らいねん",
            "policy": "<script>alert(1)</script>" + "森" * 4000,
            "refusal_note": "い" * 501,
        }
    )
    html = company_client.post("/interests/new", data=sent).get_data(as_text=True)
    assert errors_beside_fields(html) == {
        "themes": "エラー： 「まだ決まっていない」を選ぶときは、ほかのテーマのチェックを外してください",
        "offers-0-amount": "エラー： 数字だけで入力してください（例：100000）",
        "offers-1-kind": "エラー： 種類を選んでください",
        "offers-2-unit": "エラー： 量を入力したときは、単位も選んでください",
        "offers-3-amount": "エラー： 単位を選んだときは、量も入力してください",
        "offers-4-detail": "エラー： 200文字以内で入力してください",
        "refused_kinds": "エラー： 「資金」は「出せるもの」にも入っています。どちらかを外してください",
        "valid_until_on": "エラー： 日付は「2027-04-01」のように、年・月・日で入力してください",
        "policy": "エラー： 4,000文字以内で入力してください",
        "refusal_note": "エラー： 500文字以内で入力してください",
    }
    page = parse(html)
    assert page.select_one("[name=offers-0-amount]")["value"] == "たくさん"
    assert page.select_one("[name=valid_until_on]")["value"] == "らいねん"
    assert page.select_one("[name=policy]").get_text().strip() == sent["policy"]
    assert [box["value"] for box in page.select("[name=themes][checked]")] == ["food", "undecided"]
    assert stored(session) == []


def test_day_in_the_past_and_far_away_are_refused(company_client):
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    html = company_client.post("/interests/new", data=typed(valid_until_on=yesterday)).get_data(as_text=True)
    assert errors_beside_fields(html) == {"valid_until_on": "エラー： 今日か、今日より後の日を入力してください"}
    html = company_client.post("/interests/new", data=typed(valid_until_on="2099-01-01")).get_data(as_text=True)
    assert errors_beside_fields(html) == {
        "valid_until_on": "エラー： 3年以内の日を入力してください。期限は、あとからのばせます"
    }


def test_choice_that_is_not_offered_is_refused(company_client):
    html = company_client.post("/interests/new", data=typed(municipalities=["999999"])).get_data(as_text=True)
    assert errors_beside_fields(html) == {
        "municipalities": "エラー： 選べない項目がふくまれています。選びなおしてください"
    }


def test_control_characters_are_taken_out(company_client, session):
    company_client.post("/interests/new", data=typed(policy="森\x00を\u202e守る🌲"))
    assert stored(session)[0].policy == "森を守る🌲"


def test_company_that_waits_for_its_check_is_told_so(app, database, session):
    from matchmaker.directory.terms import Side
    from tests.support import records
    from tests.support.client import sign_in

    waiting = records.organisation(Side.COMPANY, is_verified=False)
    client = sign_in(app.test_client(), records.member(waiting))
    client.post("/interests/new", data=typed())
    text = main_text(client.get("/matches/K-0001").get_data(as_text=True))
    assert "保存しました。事務局が企業の確認をすませると、NPOにも表示されます。" in text


def test_npo_and_visitor_cannot_register_an_interest(client, npo_client):
    assert npo_client.get("/interests/new").status_code == 403
    assert client.get("/interests/new").location == "/sign-in?next=/interests/new"
