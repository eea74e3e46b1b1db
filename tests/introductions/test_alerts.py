"""Saved searches, and the mails that tell what is new to them."""

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import clock
from matchmaker.foundation.clock import JAPAN
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import InterestRefusal
from matchmaker.interests.status import InterestStatus, RefusalKind
from matchmaker.introductions import digests, saved_searches
from matchmaker.introductions.alert_times import Frequency, Weekday
from matchmaker.introductions.models import SavedSearch, SavedSearchSighting
from matchmaker.introductions.saved_filters import filters_in
from matchmaker.introductions.sightings import points_on_list
from matchmaker.introductions.status import SavedSearchKind
from matchmaker.matching.terms import ActivityField, ResourceKind
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.at_once import results_at_once

TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=JAPAN)


@pytest.fixture(autouse=True)
def traveller():
    """It is a Tuesday morning, half past nine, until a test moves on."""
    with time_machine.travel(TUESDAY, tick=False) as moment:
        yield moment


def saved(user, target=None, *, threshold=None, frequency=Frequency.HOURLY, weekday=None, **filters):
    kind = SavedSearchKind.PROPOSALS
    if target is not None:
        is_proposal = hasattr(target, "draft_number")
        kind = SavedSearchKind.PROPOSAL_MATCHES if is_proposal else SavedSearchKind.INTEREST_MATCHES
        threshold = threshold or 200
    search = saved_searches.sketch(user, target, filters_in(kind, filters))
    with transaction():
        saved_searches.save(search, threshold=threshold, frequency=frequency, weekday=weekday, at=clock.now())
    return search


def published(of, **values):
    return records.proposal(of, status=ProposalStatus.SUBMITTED, **values)


def mails():
    return list(db.session.scalars(select(Notice).where(Notice.kind == "saved-search-digest").order_by(Notice.id)))


def run(app, moment, traveller):
    """Run the command at a moment and return the mails that it queued."""
    before = {mail.id for mail in mails()}
    traveller.move_to(moment)
    result = app.test_cli_runner().invoke(args=["alerts", "send"])
    assert result.exit_code == 0, result.output
    db.session.rollback()
    return [mail for mail in mails() if mail.id not in before]


def at(hour, minute=0, *, day=24):
    return datetime(2026, 11, day, hour, minute, tzinfo=JAPAN)


def test_a_mail_tells_of_a_proposal_that_is_new_to_the_list(app, npo, company_member, traveller):
    published(npo, title="前からある提案")
    saved(company_member, field="children")
    new = published(npo, title="学びの場をつくる")
    published(npo, title="海の提案", fields=[ActivityField.ENVIRONMENT])

    [mail] = run(app, at(10), traveller)

    assert (mail.to_email, mail.to_user_id) == (company_member.email, company_member.id)
    assert mail.subject == "【協創マッチング】保存した条件に合う新しいもの（1件）"
    assert mail.body.split("\n----\n")[0] == (
        "田中一郎 様\n\n保存した条件に合う、新しいものが1件あります。\n\n"
        "■ 公開されている提案（活動の分野：子どもの健全育成を図る活動）\n\n"
        "・学びの場をつくる\n"
        f"　みえ子ども応援団（{new.number}）\n　地域：三重県津市\n"
        f"　必要なもの：{ResourceKind.PEOPLE.label}、{ResourceKind.GOODS.label}\n"
        f"　http://localhost/proposals/{new.number}\n\n"
        "次のお知らせ：令和8年11月24日 11時00分（新しいものがあるときだけ送ります）\n"
    )


def test_nothing_new_makes_no_mail_and_moves_the_next_time_on(app, npo, company_member, traveller):
    published(npo)
    search = saved(company_member)

    assert run(app, at(10), traveller) == []
    assert search.next_at == at(11)
    assert search.last_told_at is None


def test_nothing_is_told_twice(app, npo, company_member, traveller):
    saved(company_member)
    proposal = published(npo)
    assert len(run(app, at(10), traveller)) == 1

    assert run(app, at(10), traveller) == []
    with transaction():
        proposal.title = "新しい題名"
    assert run(app, at(11), traveller) == []
    with transaction():
        proposal.is_published = False
    assert run(app, at(12), traveller) == []
    with transaction():
        proposal.is_published = True
    assert run(app, at(13), traveller) == []


def test_nothing_is_told_twice_through_another_search_or_one_saved_anew(app, npo, company_member, traveller):
    first = saved(company_member)
    second = saved(company_member, frequency=Frequency.DAILY, field="children")
    proposal = published(npo)
    assert len(run(app, at(10), traveller)) == 1
    assert run(app, at(8, day=25), traveller) == []

    with transaction():
        saved_searches.remove(first, at=clock.now())
        saved_searches.remove(second, at=clock.now())
        proposal.is_published = False
    saved(company_member)
    with transaction():
        proposal.is_published = True
    assert run(app, at(10, day=25), traveller) == []


def test_a_colleague_is_told_what_the_other_was_told(app, npo, company, company_member, traveller):
    colleague = records.member(company, name="佐藤次郎")
    saved(company_member)
    saved(colleague)
    published(npo)

    assert {mail.to_user_id for mail in run(app, at(10), traveller)} == {company_member.id, colleague.id}


def test_matches_are_told_both_ways_with_points_and_a_reason(app, npo, company, npo_member, company_member, traveller):
    mine, theirs = published(npo), records.interest(company)
    saved(npo_member, mine)
    saved(company_member, theirs)
    new_interest, new_proposal = records.interest(company), published(npo, title="学びの場をつくる")

    to_npo, to_company = run(app, at(10), traveller)

    assert f"■ 提案 {mine.number} に合う企業（200点以上）" in to_npo.body
    assert f"http://localhost/matches/{mine.number}~{new_interest.number}\n" in to_npo.body
    assert theirs.number not in to_npo.body
    assert f"■ 関心 {theirs.number} に合う提案（200点以上）" in to_company.body
    assert "・学びの場をつくる\n" in to_company.body
    assert f"http://localhost/matches/{new_proposal.number}~{theirs.number}\n" in to_company.body
    for mail in (to_npo, to_company):
        assert "点（満点は1,000点）" in mail.body


def test_a_match_under_the_threshold_is_told_once_when_it_rises_over_it(app, npo, company, npo_member, traveller):
    proposal = published(npo)
    ships, school = "船を直します。", "外国につながる子どもの学習支援と、放課後の教室を支えています。"
    changing = records.interest(company, policy=ships)
    records.interest(company, policy="花を育てています。", offers=[], themes=[], place_codes=["01"])
    low, high = _points_as(changing, proposal, npo_member, [ships, school])
    assert low < high
    saved(npo_member, proposal, threshold=high)

    told = []
    for hour, policy in enumerate([ships, school, ships, school], start=10):
        with transaction():
            changing.policy, changing.saved_at = policy, clock.now()
        told.append([changing.number in mail.body for mail in run(app, at(hour), traveller)])

    assert told == [[], [True], [], []]


def _points_as(interest, proposal, user, policies):
    """The points of a pair with each policy in turn; the interest keeps the first."""
    found = []
    for policy in [*policies, policies[0]]:
        with transaction():
            interest.policy = policy
        search = saved_searches.sketch(user, proposal, {})
        item = f"{proposal.draft_number}~{interest.number}"
        found.append(points_on_list(search, at=clock.now())[item])
    assert found[0] == found[-1]
    return found[:-1]


def test_a_lower_threshold_does_not_pour_out_what_was_always_on_the_list(app, npo, company, npo_member, traveller):
    proposal = published(npo)
    records.interest(company)
    search = saved(npo_member, proposal, threshold=700)
    with transaction():
        saved_searches.change(search, threshold=200, frequency=Frequency.HOURLY, weekday=None, at=clock.now())
    newer = records.interest(company)

    [mail] = run(app, at(10), traveller)

    assert mail.subject.endswith("（1件）")
    assert newer.number in mail.body


def test_filters_narrow_what_is_told_of_matches(app, npo, company, npo_member, traveller):
    saved(npo_member, published(npo), kind="money")
    records.interest(company)
    with_money = records.interest(company, offers=[(ResourceKind.MONEY, "助成", None, None)])

    [mail] = run(app, at(10), traveller)

    assert mail.subject.endswith("（1件）")
    assert with_money.number in mail.body


def test_refused_and_introduced_pairs_are_not_told(app, npo, company, npo_member, npo_client, traveller):
    proposal = published(npo)
    asked = records.interest(company, status=InterestStatus.PAUSED)
    saved(npo_member, proposal)
    refusal = InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)
    records.interest(company, refusals=[refusal])
    with transaction():
        asked.status = InterestStatus.ACTIVE
    npo_client.post(f"/matches/{proposal.number}~{asked.number}/ask", data={"message": "お願いします"})

    assert run(app, at(10), traveller) == []


def test_one_mail_holds_each_record_once_and_names_the_other_searches(app, npo, company, company_member, traveller):
    interest = records.interest(company)
    saved(company_member)
    saved(company_member, interest)
    proposal = published(npo, title="学びの場をつくる")

    [mail] = run(app, at(10), traveller)

    assert mail.subject.endswith("（1件）")
    assert mail.body.count("学びの場をつくる") == 1
    assert f"http://localhost/matches/{proposal.number}~{interest.number}" in mail.body
    assert "「公開されている提案」の条件にも合います。" in mail.body
    assert run(app, at(11), traveller) == []


def test_a_list_does_not_tell_again_what_was_told_as_a_match(app, npo, company, company_member, traveller):
    saved(company_member, frequency=Frequency.DAILY)
    saved(company_member, records.interest(company))
    published(npo)
    assert len(run(app, at(10), traveller)) == 1

    assert run(app, at(8, day=25), traveller) == []


def test_more_than_one_mail_can_hold_follows_in_the_next(app, npo, company_member, traveller):
    saved(company_member)
    for number in range(23):
        published(npo, title=f"提案その{number}")

    [first] = run(app, at(10), traveller)
    [second] = run(app, at(11), traveller)

    told = [{n for n in range(23) if f"・提案その{n}\n" in mail.body} for mail in (first, second)]
    assert [len(numbers) for numbers in told] == [20, 3]
    assert told[0] | told[1] == set(range(23))
    assert "ほかに3件あります。次のメールでお知らせします。" in first.body
    assert run(app, at(12), traveller) == []


@pytest.mark.parametrize(
    ("frequency", "weekday", "runs", "expected"),
    [
        (Frequency.HOURLY, None, [at(9, 59), at(10)], [0, 1]),
        (Frequency.DAILY, None, [at(23, 59), at(0, day=25), at(7, 59, day=25), at(8, day=25)], [0, 0, 0, 1]),
        (Frequency.WEEKLY, Weekday.MONDAY, [at(8, day=25), at(7, 59, day=30), at(8, day=30)], [0, 0, 1]),
        (Frequency.WEEKLY, Weekday.TUESDAY, [at(23, 59), at(8, day=30)], [0, 0]),
    ],
)
def test_mails_go_out_at_their_time_by_japans_clock(
    app, npo, company_member, traveller, frequency, weekday, runs, expected
):
    saved(company_member, frequency=frequency, weekday=weekday)
    published(npo)

    assert [len(run(app, moment, traveller)) for moment in runs] == expected


def test_a_weekly_search_is_told_of_every_week(app, npo, company_member, traveller):
    search = saved(company_member, frequency=Frequency.WEEKLY, weekday=Weekday.WEDNESDAY)
    published(npo)
    counts = [len(run(app, at(8, day=25), traveller))]
    published(npo)
    counts.append(len(run(app, datetime(2026, 12, 2, 8, tzinfo=JAPAN), traveller)))

    assert counts == [1, 1]
    assert search.next_at == datetime(2026, 12, 9, 8, tzinfo=JAPAN)


def test_a_command_that_runs_days_late_tells_once(app, npo, company_member, traveller):
    search = saved(company_member)
    published(npo)

    assert [len(run(app, at(10, 20, day=27), traveller)) for _twice in range(2)] == [1, 0]
    assert search.next_at == at(11, day=27)


def test_two_runs_at_once_tell_once(app, npo, company_member, traveller):
    saved(company_member)
    published(npo)
    sent = results_at_once(app, [lambda: digests.send_due(at=at(10))] * 4)

    assert sorted((one.mails, one.items, one.failed) for one in sent) == [(0, 0, 0)] * 3 + [(1, 1, 0)]
    assert len(mails()) == 1


def test_what_cannot_be_stored_was_not_told(app, npo, company_member, office, traveller, monkeypatch):
    saved(company_member)
    saved(office)
    published(npo)
    queue = digests.notices.queue

    def broken(kind, **values):
        queue(kind, **values)
        if values["to_user_id"] == company_member.id:
            raise OSError("no space left on device")

    monkeypatch.setattr(digests.notices, "queue", broken)
    traveller.move_to(at(10))
    result = app.test_cli_runner().invoke(args=["alerts", "send"])
    db.session.rollback()
    assert (result.exit_code, result.output) == (1, "1 mails with 1 items, 1 failed\n")
    assert [mail.to_user_id for mail in mails()] == [office.id]

    monkeypatch.setattr(digests.notices, "queue", queue)
    assert [mail.to_user_id for mail in run(app, at(10, 5), traveller)] == [company_member.id]


def test_what_came_up_while_a_search_was_paused_is_in_the_next_mail(app, npo, company_member, traveller):
    search = saved(company_member)
    with transaction():
        saved_searches.pause(search, at=clock.now())
    published(npo)
    assert run(app, at(10), traveller) == []
    traveller.move_to(at(12, 10))
    with transaction():
        saved_searches.resume(search, at=clock.now())

    assert len(run(app, at(13), traveller)) == 1


# --- Who may not be told, and what may not be said


def _suspend(user, organisation):
    user.suspended_at = clock.now()


def _unconfirm(user, organisation):
    user.email_confirmed_at = None


def _leave(user, organisation):
    user.memberships[0].ended_at = clock.now()


def _unverify(user, organisation):
    organisation.verification, organisation.checked_at = Verification.WAITING, None


@pytest.mark.parametrize("happens", [_suspend, _unconfirm, _leave, _unverify])
def test_people_who_may_not_be_told_get_no_mail_until_they_may(
    app, npo, company, npo_member, company_member, traveller, happens
):
    for user, organisation, target in (
        (npo_member, npo, published(npo)),
        (company_member, company, records.interest(company)),
    ):
        saved(user)
        saved(user, target)
        with transaction():
            happens(user, organisation)
    new = records.organisation(Side.NPO), records.organisation(Side.COMPANY)
    published(new[0])
    records.interest(new[1])

    assert run(app, at(10), traveller) == []
    assert db.session.scalars(select(SavedSearch.next_at).distinct()).all() == [at(11)]
    with transaction():
        for user, organisation in ((npo_member, npo), (company_member, company)):
            user.suspended_at, user.email_confirmed_at = None, clock.now()
            user.memberships[0].ended_at = None
            organisation.verification, organisation.checked_at = Verification.VERIFIED, clock.now()
    assert {mail.to_user_id for mail in run(app, at(11), traveller)} == {npo_member.id, company_member.id}


def test_somebody_who_joined_another_organisation_is_told_nothing_of_the_old_ones_matches(
    app, npo, company, npo_member, other_npo, traveller
):
    saved(npo_member, published(npo))
    with transaction():
        npo_member.memberships[0].ended_at = clock.now()
    with transaction():
        db.session.add(type(npo_member.memberships[0])(user=npo_member, organisation=other_npo, joined_at=clock.now()))
    records.interest(company)

    assert run(app, at(10), traveller) == []


def test_staff_are_told_of_public_proposals_while_they_have_a_role(app, npo, traveller):
    stays, leaves = records.staff(Role.DIVISION), records.staff(Role.NPO_OFFICE)
    saved(stays)
    saved(leaves)
    with transaction():
        leaves.staff_roles[0].ended_at = clock.now()
    published(npo)

    assert [mail.to_user_id for mail in run(app, at(10), traveller)] == [stays.id]


def test_no_mail_names_a_company_that_the_page_does_not_name(app, npo, npo_member, traveller):
    saved(npo_member, published(npo))
    hidden = records.organisation(Side.COMPANY, name="カナリア製作所株式会社", description="カナリア製作所です。")
    named = records.organisation(Side.COMPANY, name="ひばり建設株式会社")
    records.interest(
        hidden,
        policy="株式会社カナリア製作所は、外国につながる子どもの学習支援を続けています。",
        offers=[(ResourceKind.GOODS, "カナリア製作所の文具", None, None)],
    )
    records.interest(named, shows_name=True)

    [mail] = run(app, at(10), traveller)

    assert "・ひばり建設株式会社\n" in mail.body
    assert "の企業\n" in mail.body
    assert "カナリア" not in mail.subject + mail.body


@pytest.mark.parametrize(
    "values",
    [
        {"is_published": False},
        {"status": ProposalStatus.WITHDRAWN},
        {"status": ProposalStatus.INELIGIBLE},
    ],
)
def test_no_mail_tells_of_a_proposal_that_is_not_public(app, npo, company, company_member, traveller, values):
    saved(company_member)
    saved(company_member, records.interest(company))
    canary = published(npo, title="カナリアの提案")
    with transaction():
        for name, value in values.items():
            setattr(canary, name, value)
    published(records.organisation(Side.NPO, is_verified=False), title="カナリア二号")
    published(npo, title="ひばりの提案")

    [mail] = run(app, at(10), traveller)

    assert "ひばりの提案" in mail.body
    assert "カナリア" not in mail.subject + mail.body


def test_no_mail_hints_at_a_decision_before_its_release(app, npo, company_member, traveller):
    saved(company_member, stage="adopted")
    saved(company_member, stage="rejected")
    proposal = published(npo)
    with transaction():
        proposal.status = ProposalStatus.DECIDED

    assert run(app, at(10), traveller) == []


def test_own_proposals_are_not_told(app, npo, npo_member, other_npo, traveller):
    saved(npo_member)
    published(npo, title="自分の提案")
    published(other_npo, title="ほかの提案")

    [mail] = run(app, at(10), traveller)

    assert "ほかの提案" in mail.body
    assert "自分の提案" not in mail.body


@pytest.mark.parametrize("title", ["題名\r\nBcc: a@example.jp", "{{ 7 * 7 }} <b>太字</b>"])
def test_typed_text_stays_text(app, npo, company_member, traveller, title):
    saved(company_member)
    published(npo, title=title)

    [mail] = run(app, at(10), traveller)

    assert f"・{' '.join(title.split())}\n" in mail.body


# --- Saving


def test_a_person_saves_at_most_twenty_searches(company_member):
    for number in range(20):
        saved(company_member, q=f"ことば{number}")

    with pytest.raises(saved_searches.TooManySearches, match="20件まで"):
        saved(company_member, q="もう1件")


def test_the_same_search_is_saved_once(company_member, company):
    saved(company_member, field="children")
    saved(company_member, records.interest(company), kind="money")

    with pytest.raises(saved_searches.AlreadySaved):
        saved(company_member, field="children", page="3", sort="closing-soon", need="nonsense")
    saved(company_member, records.interest(company), kind="money")


@pytest.mark.parametrize(
    ("kind", "asked", "expected"),
    [
        (
            "proposals",
            {"q": " 子ども\n食堂 ", "open": "y", "page": "2", "sort": "new"},
            {"q": "子ども 食堂", "open": "y"},
        ),
        ("proposals", {"q": "あ" * 500}, {"q": "あ" * 100}),
        ("proposals", {"field": "education", "place": "999999", "need": "", "stage": "decided"}, {}),
        (
            "proposals",
            {"field": "environment", "place": "24:北勢", "subject": "x"},
            {"field": "environment", "place": "24:北勢"},
        ),
        (
            "proposal-matches",
            {"subject": "education", "kind": "people", "new": "y", "q": "x"},
            {"subject": "education", "kind": "people"},
        ),
        ("interest-matches", {"subject": "education"}, {}),
        ("interest-matches", {"subject": "children", "place": "242012"}, {"subject": "children", "place": "242012"}),
    ],
)
def test_only_what_narrows_the_list_is_kept(database, kind, asked, expected):
    assert filters_in(SavedSearchKind(kind), asked) == expected


def test_deleting_a_search_keeps_what_was_told(app, npo, company_member, traveller):
    published(npo)
    search = saved(company_member)
    published(npo)
    run(app, at(10), traveller)
    with transaction():
        saved_searches.remove(search, at=clock.now())

    left = db.session.scalars(select(SavedSearchSighting)).all()

    assert [(row.search_id, row.told_at) for row in left] == [(None, at(10))]
    assert db.session.scalars(select(SavedSearch)).all() == []
    assert isinstance(db.session.get(Organisation, npo.id), Organisation)


def test_the_moment_shown_is_the_moment_that_the_command_uses(app, npo, company_client, company_member, traveller):
    search = saved(company_member, frequency=Frequency.WEEKLY, weekday=Weekday.FRIDAY)
    published(npo)
    assert "令和8年11月27日 8時00分" in company_client.get("/alerts").text

    assert run(app, search.next_at - timedelta(seconds=1), traveller) == []
    assert len(run(app, search.next_at, traveller)) == 1
