from datetime import date

from matchmaker.directory.terms import Side
from matchmaker.interests.models import InterestRefusal
from matchmaker.interests.status import RefusalKind
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit
from tests.support import records


def test_proposal_becomes_facts_without_what_is_not_published(npo):
    proposal = records.proposal(npo, aim="ひみつの目的", needs=[(ResourceKind.PLACE, "教室", 2, Unit.ITEMS)])
    facts = proposal_facts(proposal)
    assert facts == ProposalFacts(
        id=proposal.draft_number,
        title="放課後の学習支援を津市で広げる",
        mission="地域の子どもを支えています。",
        summary="外国につながる子どもの学習支援が足りない。",
        beneficiaries="外国につながる小学生 30人",
        fields=frozenset({ActivityField.CHILDREN, ActivityField.SOCIAL_EDUCATION}),
        places=(facts.places[0],),
        needs=(Need(ResourceKind.PLACE, "教室", 2, Unit.ITEMS),),
        legal_form=LegalForm.NPO,
        starts_on=date(2027, 4, 1),
        ends_on=date(2028, 3, 31),
        open_until=proposal.open_until_on,
    )
    assert (facts.places[0].prefecture, facts.places[0].municipality) == (Prefecture.MIE, "242012")


def test_published_plan_is_read(npo):
    facts = proposal_facts(records.proposal(npo, publishes_plan=True))
    assert facts.summary == (
        "外国につながる子どもの学習支援が足りない。\n学びの場を続けられる形にする。\n週1回の教室を開く。\n社員ボランティアと教材"
    )


def test_interest_becomes_facts_without_the_companys_name(session):
    company = records.organisation(
        Side.COMPANY, name="株式会社カナリア", description="カナリアは港の会社です。", municipality_code=None
    )
    interest = records.interest(
        company,
        policy="カナリアの方針",
        themes=[Theme.FOOD],
        place_codes=["00", "24:北勢"],
        offers=[(ResourceKind.GOODS, "カナリアの米", 30, Unit.ITEMS)],
        refusals=[
            InterestRefusal(kind=RefusalKind.FIELD, value="tourism"),
            InterestRefusal(kind=RefusalKind.LEGAL_FORM, value="committee"),
            InterestRefusal(kind=RefusalKind.RESOURCE_KIND, value="money"),
            InterestRefusal(kind=RefusalKind.OUTSIDE_REGIONS, value="yes"),
        ],
        valid_until_on=date(2027, 3, 31),
    )
    assert interest_facts(interest) == InterestFacts(
        id=interest.number,
        profile=" は港の会社です。\n の方針",
        industry=Industry.TRANSPORT,
        themes=frozenset({Theme.FOOD}),
        is_undecided=False,
        headquarters=Place(Prefecture.MIE),
        regions=(Place(), Place(Prefecture.MIE, "北勢")),
        offers=(Offer(ResourceKind.GOODS, " の米", 30, Unit.ITEMS),),
        refusals=Refusals(
            fields=frozenset({ActivityField.TOURISM}),
            legal_forms=frozenset({LegalForm.COMMITTEE}),
            resource_kinds=frozenset({ResourceKind.MONEY}),
            outside_regions=True,
        ),
        valid_until=date(2027, 3, 31),
    )


def test_the_mark_of_invented_organisations_is_not_compared(database):
    npo = records.organisation(Side.NPO, name="まなびの会（架空）", description="子どもの学びを支えます。（架空）")
    company = records.organisation(
        Side.COMPANY, name="みなと物流株式会社（架空）", description="荷物を運びます。（架空）"
    )
    mine = proposal_facts(records.proposal(npo, title="学びの教室（架空）", beneficiaries="小学生（架空）"))
    theirs = interest_facts(records.interest(company, policy="（架空）学びを支えます。"))

    assert (mine.title, mine.mission, mine.beneficiaries) == ("学びの教室", "子どもの学びを支えます。", "小学生")
    assert theirs.profile == "荷物を運びます。\n学びを支えます。"


def test_a_real_organisation_may_write_about_invented_things(npo):
    assert proposal_facts(records.proposal(npo, title="町の物語（架空）を作る")).title == "町の物語（架空）を作る"
