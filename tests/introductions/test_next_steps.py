"""「あと一歩」: a promise is kept when the change is saved."""

import pytest

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import InterestOffer, InterestRefusal, InterestRegion, InterestTheme
from matchmaker.interests.status import RefusalKind
from matchmaker.introductions import ranking
from matchmaker.introductions.matches import explain, place_among_interests, place_among_proposals
from matchmaker.introductions.next_steps import next_steps_of
from matchmaker.matching.terms import ActivityField, ResourceKind, Theme
from matchmaker.proposals.models import ProposalField, ProposalPlace
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text, parse


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def far(database):
    """An interest far away with nothing in common but its offer of money."""
    company = records.organisation(Side.COMPANY, prefecture="13", municipality_code=None, description="薬を造る会社。")
    return records.interest(
        company,
        policy="健康を守ります。",
        themes=[Theme.HEALTH],
        place_codes=["13"],
        offers=[(ResourceKind.MONEY, "", None, None)],
    )


@pytest.fixture
def others(company, other_npo):
    """Enough of both sides for a list in which places differ."""
    for detail in ("文具", "教材", "本"):
        records.interest(company, offers=[(ResourceKind.GOODS, detail, None, None)])
    for title in ("海を守る", "山の道", "川の学校"):
        records.proposal(other_npo, status=ProposalStatus.SUBMITTED, title=title, issue=f"{title}。")


def apply(sentence, proposal, interest):
    """Save the change that a sentence names, as its side would."""
    acts = {
        "対象の地域に「三重県津市」を加える": lambda: interest.region_rows.append(InterestRegion(place_code="242012")),
        "関心のあるテーマに「教育・次世代育成」を加える": lambda: interest.theme_rows.append(
            InterestTheme(theme=Theme.EDUCATION)
        ),
        "提供できるものに「人材・専門技能」を加える": lambda: interest.offers.append(
            InterestOffer(position=9, kind=ResourceKind.PEOPLE, detail="", amount=None, unit=None)
        ),
        "提供できるものに「物品」を加える": lambda: interest.offers.append(
            InterestOffer(position=9, kind=ResourceKind.GOODS, detail="", amount=None, unit=None)
        ),
        "活動の場所に「東京都」を加える": lambda: proposal.place_rows.append(ProposalPlace(place_code="13")),
        "受けない分野から「子どもの健全育成を図る活動」を外す": lambda: interest.refusals.remove(interest.refusals[0]),
        "活動の分野から「子どもの健全育成を図る活動」を外す": lambda: proposal.field_rows.remove(
            next(row for row in proposal.field_rows if row.field is ActivityField.CHILDREN)
        ),
        "活動の分野に「保健、医療又は福祉の増進を図る活動」を加える": lambda: proposal.field_rows.append(
            ProposalField(field=ActivityField.HEALTH_WELFARE)
        ),
    }
    with transaction():
        acts[sentence.partition("（")[0]]()
        proposal.saved_at = interest.saved_at = clock.now()


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("seen_from", list(Side))
def test_a_promised_score_and_place_appear_when_the_change_is_saved(proposal, far, others, seen_from, number):
    found = next_steps_of(proposal, far, seen_from=seen_from, on=clock.today())
    promise = found.promises[number]
    assert found.points == explain(proposal, far, on=clock.today()).points

    for change in promise.changes:
        apply(change.sentence, proposal, far)

    place_among = place_among_interests if seen_from is Side.NPO else place_among_proposals
    assert explain(proposal, far, on=clock.today()).points == promise.points == found.points + promise.gain
    assert place_among(proposal, far, on=clock.today()) == promise.place


def test_a_refused_pair_is_promised_what_lifts_the_refusal(proposal, company, others):
    refusal = InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)
    refused = records.interest(company, refusals=[refusal])
    found = next_steps_of(proposal, refused, seen_from=Side.NPO, on=clock.today())
    sentences = [promise.changes[0].sentence for promise in found.promises]
    assert found.place is None
    assert "受けない分野から「子どもの健全育成を図る活動」を外す（本当に変える場合だけ）" in sentences
    assert "活動の分野から「子どもの健全育成を図る活動」を外す（事実である場合だけ）" in sentences

    promise = found.promises[
        sentences.index("受けない分野から「子どもの健全育成を図る活動」を外す（本当に変える場合だけ）")
    ]
    apply(promise.changes[0].sentence, proposal, refused)

    assert explain(proposal, refused, on=clock.today()).points == promise.points
    assert place_among_interests(proposal, refused, on=clock.today()) == promise.place


def test_a_large_registry_keeps_the_promise_as_well(monkeypatch, proposal, far, others):
    monkeypatch.setattr(ranking, "MEASURED_AS_A_WHOLE_UP_TO", 3)
    monkeypatch.setattr(ranking, "CHANGED_IN_PLACE", 1)
    found = next_steps_of(proposal, far, seen_from=Side.NPO, on=clock.today())
    promise = found.promises[0]

    for change in promise.changes:
        apply(change.sentence, proposal, far)

    assert explain(proposal, far, on=clock.today()).points == promise.points
    assert place_among_interests(proposal, far, on=clock.today()) == promise.place


def test_the_page_labels_what_must_be_true_and_whose_change_it_is(npo_client, proposal, far, others):
    response = npo_client.get(f"/matches/{proposal.number}~{far.number}/next-steps")
    text = main_text(response.text)
    assert response.status_code == 200
    assert "企業が変える 対象の地域に「三重県津市」を加える（事実である場合だけ）" in text
    assert "事実と違うことを書いてはいけません" in text
    assert "「地域」は 215点のうち" in text
    assert parse(response.text).select_one("main table caption").get_text() == "変更と、約束できる点"


def test_the_pair_page_and_near_misses_lead_to_the_next_steps(npo_client, proposal, company, others):
    refusal = InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)
    refused = records.interest(company, refusals=[refusal])
    address = f"/matches/{proposal.number}~{refused.number}/next-steps"
    for page in (f"/matches/{proposal.number}", f"/matches/{proposal.number}~{refused.number}"):
        assert address in [link["href"] for link in parse(npo_client.get(page).text).select("main a")]
    assert "この組み合わせは、次の理由で一覧に出ません" in main_text(npo_client.get(address).text)


def test_the_pair_page_names_what_costs_most_for_any_pair(npo_client, proposal, company, far, others):
    refused = records.interest(
        company, refusals=[InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)]
    )
    for other in (far, refused):
        match = explain(proposal, other, on=clock.today())
        missing = [part.maximum - part.points for part in match.costly]
        assert missing == sorted((part.maximum - part.points for part in match.parts), reverse=True)[:3]
        names = "、".join(part.label for part in match.costly)
        page = main_text(npo_client.get(f"/matches/{proposal.number}~{other.number}").text)
        assert f"点をいちばん落としているのは、{names}です。" in page


def test_next_steps_are_for_those_who_may_read_the_pair(app, other_npo_client, division_client, client, proposal, far):
    address = f"/matches/{proposal.number}~{far.number}/next-steps"
    competitor = sign_in(app.test_client(), records.member(records.organisation(Side.COMPANY)))
    assert other_npo_client.get(address).status_code == 404
    assert competitor.get(address).status_code == 404
    assert division_client.get(address).status_code == 403
    assert client.get(address).status_code == 302


def test_a_draft_has_next_steps_too(npo_client, npo, far, others):
    draft = records.proposal(npo)
    response = npo_client.get(f"/matches/{draft.draft_number}~{far.number}/next-steps")
    assert "変更と、約束できる点" in response.text
