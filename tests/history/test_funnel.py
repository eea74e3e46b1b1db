"""The public record of 2003 to 2012."""

import pytest

from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.funnel import FUNNEL, FunnelStage
from matchmaker.seeding import cases
from tests.support.pages import main_text, parse


@pytest.fixture
def past(database: None) -> int:
    with transaction():
        return cases.add_past_proposals()


def rows(html: str) -> dict[str, list[str]]:
    """The cells of each year."""
    return {
        row.th.get_text(strip=True): [" ".join(cell.get_text(" ").split()) for cell in row.find_all("td")]
        for row in parse(html).select("main tbody tr")
    }


def test_what_is_known_is_shown_and_the_rest_is_unknown(client, past):
    shown = rows(client.get("/history").text)

    assert shown["平成15年度"][:3] == ["27件", "13件", "3件"]
    assert shown["平成16年度"][:3] == ["不明", "10件", "不明"]
    assert shown["平成17年度"][:3] == ["不明", "不明", "不明"]
    assert shown["平成23年度"][:3] == ["27件", "不明", "5件"]
    assert shown["平成24年度"][:3] == ["不明", "不明", "不明"]
    assert list(shown) == [f"平成{year}年度" for year in range(15, 25)]


def test_every_number_names_the_page_that_gives_it(client, past):
    links = {link["href"] for link in parse(client.get("/history").text).select("main tbody a[rel]")}
    assert links == {year.source.url for year in FUNNEL if year.source}
    assert all(year.source for year in FUNNEL if year.counts)


def test_bars_are_as_long_as_their_numbers(client, past):
    widths = [bar["width"] for bar in parse(client.get("/history").text).select("main tbody rect")]
    assert widths == ["100.0%", "48.1%", "11.1%", "37.0%", "100.0%", "18.5%"]


def test_no_year_has_more_adopted_than_presented_or_presented_than_proposed():
    for year in FUNNEL:
        known = [count for stage in FunnelStage if (count := year.count(stage)) is not None]
        assert known == sorted(known, reverse=True)


def test_the_52_proposals_are_loaded_once_and_linked_by_year(client, past):
    with transaction():
        again = cases.add_past_proposals()
    html = client.get("/history").text

    assert (past, again) == (52, 0)
    assert "これまでの提案52件" in main_text(html)
    links = [link["href"] for link in parse(html).select("main tbody a:not([rel])")]
    assert links[0] == "/proposals/past?year=2003&scheme=prefecture"
    assert all(client.get(link).status_code == 200 for link in links)


def test_register_without_proposals_still_shows_the_numbers(client, database):
    assert rows(client.get("/history").text)["平成15年度"] == [
        "27件",
        "13件",
        "3件",
        "三重県 NPOからの協働事業提案 平成15年度の審査（ほかのサイト） "
        "採択されなかった2件は、NPO担当課が関係課との話し合いを取りもつことになりました。",
        "なし",
    ]
