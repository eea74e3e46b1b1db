from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.interests import service
from matchmaker.interests.answers import Answers, answers_of
from matchmaker.interests.models import Interest
from matchmaker.interests.status import InterestStatus
from matchmaker.matching.facts import Offer
from matchmaker.matching.terms import ResourceKind, Theme
from matchmaker.notices.models import Notice
from tests.interests.test_new_interest import typed
from tests.support import records
from tests.support.pages import main_text, parse

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def interest(company):
    return records.interest(company)


def tags(session):
    return list(session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    ("verb", "before", "after", "tag"),
    [
        ("pause", InterestStatus.ACTIVE, InterestStatus.PAUSED, "member:interest:pause"),
        ("resume", InterestStatus.PAUSED, InterestStatus.ACTIVE, "member:interest:resume"),
        ("end", InterestStatus.ACTIVE, InterestStatus.ENDED, "member:interest:end"),
        ("end", InterestStatus.PAUSED, InterestStatus.ENDED, "member:interest:end"),
    ],
)
def test_button_pressed_twice_acts_once(company_client, company, session, verb, before, after, tag):
    interest = records.interest(company, status=before)
    for _press in range(2):
        response = company_client.post(f"/interests/{interest.number}/{verb}")
        assert (response.status_code, response.location) == (303, f"/interests/{interest.number}")
    session.expire_all()
    assert interest.status is after
    assert tags(session) == [tag]


def test_paused_interest_past_its_last_day_is_not_resumed(company_client, company, session):
    yesterday = clock.today() - timedelta(days=1)
    interest = records.interest(company, status=InterestStatus.PAUSED, valid_until_on=yesterday)
    company_client.post(f"/interests/{interest.number}/resume")
    assert "先に期限をのばしてください" in main_text(company_client.get(f"/interests/{interest.number}").text)
    session.expire_all()
    assert interest.status is InterestStatus.PAUSED


def test_expired_interest_is_renewed_for_a_year(company_client, company, session):
    yesterday = clock.today() - timedelta(days=1)
    interest = records.interest(company, status=InterestStatus.EXPIRED, valid_until_on=yesterday)
    company_client.post(f"/interests/{interest.number}/renew")
    session.expire_all()
    assert (interest.status, interest.valid_until_on) == (
        InterestStatus.ACTIVE,
        clock.today() + timedelta(days=365),
    )


def test_ended_interest_is_neither_changed_nor_renewed(company_client, company, session):
    interest = records.interest(company, status=InterestStatus.ENDED)
    company_client.post(f"/interests/{interest.number}/renew")
    company_client.post(f"/interests/{interest.number}/edit", data=typed(version=str(interest.version)))
    text = main_text(company_client.get(f"/interests/{interest.number}").text)
    assert text.count("終了した関心は変えられません。新しい関心を登録してください。") == 2
    session.expire_all()
    assert interest.status is InterestStatus.ENDED
    assert tags(session) == []


def test_edit_form_shows_what_is_stored_and_stores_what_is_changed(company_client, interest, session):
    page = parse(company_client.get(f"/interests/{interest.number}/edit").text)
    assert [box["value"] for box in page.select("[name=themes][checked]")] == ["education"]
    assert page.select_one("[name=offers-0-detail]")["value"] == "社員ボランティア"
    sent = typed(version=page.select_one("[name=version]")["value"])
    assert company_client.post(f"/interests/{interest.number}/edit", data=sent).status_code == 303
    session.expire_all()
    assert answers_of(interest).themes == (Theme.EDUCATION, Theme.FOOD)
    assert tags(session) == ["member:interest:update"]


def test_two_people_editing_see_both_texts(company_client, interest, session):
    sent = typed(version=str(interest.version), policy="わたしの方針")
    company_client.post(f"/interests/{interest.number}/edit", data=typed(version=sent["version"], policy="先の方針"))
    response = company_client.post(f"/interests/{interest.number}/edit", data=sent)
    text = main_text(response.text)
    assert response.status_code == 409
    assert "わたしの方針" in text
    assert "先の方針" in text
    resend = {field["name"]: field["value"] for field in parse(response.text).select("main form input[type=hidden]")}
    session.expire_all()
    assert resend["version"] == str(interest.version)
    assert company_client.post(f"/interests/{interest.number}/edit", data=sent | resend).status_code == 303
    session.expire_all()
    assert interest.policy == "わたしの方針"


def test_update_from_an_older_version_is_a_conflict_unless_nothing_differs(interest, company_member):
    answers = answers_of(interest)
    with transaction():
        service.update(interest, answers, version=0, actor=company_member, at=clock.now())
    with pytest.raises(EditConflict), transaction():
        other = Answers(valid_until_on=clock.today(), is_undecided=True)
        service.update(interest, other, version=0, actor=company_member, at=clock.now())


def test_fewer_and_reordered_offers_replace_the_old_ones(interest, company_member, session):
    answers = Answers(
        valid_until_on=interest.valid_until_on,
        themes=(Theme.FOOD,),
        place_codes=("24",),
        offers=(Offer(ResourceKind.GOODS, "文具の在庫"),),
    )
    with transaction():
        service.update(interest, answers, version=interest.version, actor=company_member, at=clock.now())
    session.expire_all()
    assert [(offer.position, offer.kind, offer.amount) for offer in interest.offers] == [(1, ResourceKind.GOODS, None)]


@pytest.mark.parametrize("status", [InterestStatus.ACTIVE, InterestStatus.PAUSED])
def test_interest_expires_the_day_after_its_last(company, status, session):
    last_day = datetime(2026, 11, 23, tzinfo=UTC).date()
    over = records.interest(company, status=status, valid_until_on=last_day)
    still = records.interest(company, status=status, valid_until_on=last_day + timedelta(days=1))
    with transaction():
        assert service.expire_due(at=NOW) == 1
    session.expire_all()
    assert (over.status, still.status) == (InterestStatus.EXPIRED, status)
    assert tags(session) == ["system:interest:expire"]


def test_members_are_written_to_once_thirty_days_before(company, company_member, session):
    today = clock.day_of(NOW)
    near = records.interest(company, valid_until_on=today + timedelta(days=30))
    records.interest(company, valid_until_on=today + timedelta(days=31))
    for expected in (1, 0):
        with transaction():
            assert service.announce_expiry(at=NOW) == expected
    (notice,) = session.scalars(select(Notice)).all()
    assert (notice.kind, notice.to_email) == ("interest-expiring", company_member.email)
    assert f"http://localhost/interests/{near.number}" in notice.body


def test_daily_command_expires_and_announces(app, company, company_member, session):
    records.interest(company, valid_until_on=clock.today() - timedelta(days=1))
    records.interest(company, valid_until_on=clock.today() + timedelta(days=3))
    result = app.test_cli_runner().invoke(args=["interests", "expire"])
    assert (result.exit_code, result.output) == (0, "1 expired, 1 announced\n")
    session.expire_all()
    assert sorted(one.status for one in session.scalars(select(Interest))) == ["active", "expired"]
