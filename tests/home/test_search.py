import pytest

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.text import search_form
from matchmaker.foundation.transaction import transaction
from matchmaker.projects.models import Project
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.models import PastProposal
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.pages import main_text, parse


def found(client, words: str) -> dict[str, list[str]]:
    """The titles of the results by the heading above them."""
    page = parse(client.get("/search", query_string={"q": words}).get_data(as_text=True))
    return {
        heading.get_text(): [link.get_text() for link in heading.find_next_sibling("ul").select("a")]
        for heading in page.select("main h2")
    }


def add_project(title: str, **values) -> Project:
    with transaction():
        project = Project(
            number=values.pop("number", "R8-P001"),
            title=title,
            search_text=search_form(title),
            created_at=clock.now(),
            **values,
        )
        db.session.add(project)
    return project


def add_past_proposal(title: str, code: str = "MP900") -> None:
    with transaction():
        db.session.add(
            PastProposal(
                code=code,
                calendar_year=2004,
                scheme="三重県「NPOからの協働事業提案」",
                level="県",
                title=title,
                proposer="海の会",
                result="採択",
                source_url="https://example.jp/",
            )
        )


def test_search_finds_every_public_kind_and_counts_it(client, npo, office):
    records.proposal(npo, status=ProposalStatus.SUBMITTED, title="灯台を守る")
    records.organisation(Side.COMPANY, name="灯台電機株式会社")
    add_project("灯台の点検", status=ProjectStatus.IN_PROGRESS, confirmed_at=clock.now(), confirmed_by_id=office.id)
    add_past_proposal("灯台を学ぶ会")
    assert found(client, "灯台") == {
        "提案（1件）": ["灯台を守る"],
        "協働事業（1件）": ["灯台の点検"],
        "団体・企業（1件）": ["灯台電機株式会社"],
        "過去の提案（1件）": ["灯台を学ぶ会"],
    }


@pytest.mark.parametrize("who", ["client", "npo_client", "other_npo_client", "company_client", "office_client"])
def test_search_shows_nobody_what_is_not_public(request, npo, who):
    records.proposal(npo, title="灯台の下書き")
    records.proposal(npo, status=ProposalStatus.SUBMITTED, title="灯台の非公開", is_published=False)
    records.proposal(npo, status=ProposalStatus.WITHDRAWN, title="灯台の取り下げ")
    hidden = records.organisation(Side.NPO, name="灯台の未確認", is_verified=False)
    records.proposal(hidden, status=ProposalStatus.SUBMITTED, title="灯台の未確認団体の提案")
    add_project("灯台の報告", status=ProjectStatus.REPORTED)
    assert found(request.getfixturevalue(who), "灯台") == {}


def test_search_ignores_width_and_kana_and_wants_every_word(client, npo):
    records.proposal(npo, status=ProposalStatus.SUBMITTED, title="コドモとＮＰＯの畑")
    assert found(client, "こども npo") == {"提案（1件）": ["コドモとＮＰＯの畑"]}
    assert found(client, "こども 山") == {}


def test_more_than_five_results_link_to_the_whole_list(client, npo):
    for number in range(6):
        records.proposal(npo, status=ProposalStatus.SUBMITTED, title=f"灯台{number}")
    page = parse(client.get("/search?q=灯台").get_data(as_text=True))
    link = next(link for link in page.select("main p a") if "すべて見る" in link.get_text())
    assert link.get_text() == "提案の6件をすべて見る"
    answer = client.get(link["href"])
    assert all(f"灯台{number}" in answer.get_data(as_text=True) for number in range(6))


def test_no_result_says_so_and_what_to_try(client):
    page = main_text(client.get("/search?q=灯台").get_data(as_text=True))
    assert "「灯台」を含むものは、公開されている中にはありませんでした。" in page


@pytest.mark.parametrize("typed", ["", "   ", "\u3000", "\x00\u200b"])
def test_search_without_words_shows_the_field_alone(client, typed):
    page = parse(client.get("/search", query_string={"q": typed}).get_data(as_text=True))
    assert page.h1.get_text() == "ことばでさがす"
    assert not page.select(".empty-state, .card")


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "100%", "_", "\\", "'; --", "😀", "海" * 5000, "\ud800"]
)
def test_odd_words_find_nothing_and_break_nothing(client, npo, typed):
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    encoded = typed.encode("utf-8", "surrogatepass")
    answer = client.get("/search", query_string={"q": encoded})
    assert answer.status_code == 200
    assert not parse(answer.get_data(as_text=True)).select(".card")
