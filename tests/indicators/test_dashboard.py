from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matchmaker.directory.models import Municipality
from matchmaker.directory.terms import Side
from matchmaker.foundation.database import db
from matchmaker.indicators.dashboard import dashboard
from matchmaker.indicators.shares import FEWEST_SHOWN, shares
from matchmaker.indicators.tiles import COLUMNS, ROWS, TILES
from matchmaker.matching.terms import ActivityField, LegalForm, Prefecture
from matchmaker.projects.models import Project
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("in_fiscal_year_2026")

DAY = date(2026, 11, 24)

groups = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.integers(1, 12).flatmap(lambda tried: st.tuples(st.integers(0, tried), st.just(tried))),
)


@given(groups)
def test_no_thin_group_is_shown_and_none_can_be_worked_out_from_the_total(found):
    rows = shares(found)
    hidden = [one for one in rows if one.is_hidden]
    assert [one.group for one in rows] == list(found)
    assert all(one.tried >= FEWEST_SHOWN for one in rows if not one.is_hidden)
    assert len(hidden) != 1 or len(rows) == 1


def test_tiles_are_the_29_municipalities_each_in_a_place_of_its_own(database):
    codes = db.session.scalars(select(Municipality.code).where(Municipality.prefecture == Prefecture.MIE)).all()
    assert {code[:5] for code in codes} == set(TILES)
    assert (len(set(TILES.values())), COLUMNS, ROWS) == (29, 6, 10)


def test_tiles_count_public_proposals_and_wider_ones_stand_apart(npo):
    records.proposal(npo, status=ProposalStatus.SUBMITTED, place_codes=["242012", "242071"])
    records.proposal(npo, status=ProposalStatus.SUBMITTED, place_codes=["24:北勢"])
    records.proposal(npo, place_codes=["242012"])
    shown = dashboard(2026, on=DAY)
    assert {tile.name: tile.count for tile in shown.tiles if tile.count} == {"津市": 1, "鈴鹿市": 1}
    assert (shown.wider, len(shown.tiles)) == (1, 29)


def test_fields_count_public_proposals_most_first(npo):
    for fields in ([ActivityField.CHILDREN], [ActivityField.CHILDREN, ActivityField.ENVIRONMENT]):
        records.proposal(npo, status=ProposalStatus.SUBMITTED, fields=fields)
    found = [(one.field, one.count) for one in dashboard(2026, on=DAY).fields]
    assert found == [(ActivityField.CHILDREN, 2), (ActivityField.ENVIRONMENT, 1)]


def test_fairness_shows_shares_by_region_and_kind_of_organisation_and_hides_thin_cells(npo):
    for status in (ProposalStatus.ADOPTED, *[ProposalStatus.REJECTED] * 5):
        records.proposal(npo, status=status)
    few = records.organisation(Side.NPO, municipality_code="242080", legal_form=LegalForm.GENERAL_ASSOCIATION)
    records.proposal(few, status=ProposalStatus.ADOPTED)
    shown = dashboard(2026, on=DAY)
    assert [(one.group, one.percent) for one in shown.by_region] == [("伊賀", None), ("中勢", None)]
    assert all(one.is_hidden for one in shown.by_legal_form)


def test_fairness_counts_nothing_that_was_not_told_yet(npo):
    for _number in range(6):
        records.proposal(npo, status=ProposalStatus.DECIDED)
    assert list(dashboard(2026, on=DAY).by_region) == []


def test_page_has_a_table_for_every_drawing(client, policy_figures, npo, add_project):
    add_project()
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    page = parse(client.get("/dashboard").get_data(as_text=True))
    captions = [table.caption.get_text(strip=True) for table in page.find_all("table")]
    assert len(page.select("svg[role=img]")) == 6
    assert [
        words
        for words in ("市町ごと", "台帳で数えた事業数", "分野ごと", "提出から、台帳で数えるまで")
        if not any(words in caption for caption in captions)
    ] == []
    assert "今年度の公式の目標は、資料に示されていません。" in page.get_text()
    assert page.find("time", datetime="2026").get_text() == "令和8年度"


def test_page_without_any_record_still_is_a_page(client):
    answer = client.get("/dashboard")
    assert answer.status_code == 200
    assert "結果を通知した提案は、まだありません。" in main_text(answer.get_data(as_text=True))


def test_figures_of_the_page_are_those_of_the_members_pages(client, add_project):
    add_project()
    add_project(form=None, form_agreed_on=None, confirmed_at=None, confirmed_by_id=None)
    project = db.session.scalars(select(Project).order_by(Project.id)).first()
    page = main_text(client.get("/dashboard").get_data(as_text=True))
    members = client.get("/indicators/npo-prefecture-projects/R8/members").get_data(as_text=True)
    assert "令和8年度 1 年度の途中" in page
    assert members.count(f"/projects/{project.number}") == 1
    assert "全部で1事業です" in members


def test_page_sends_as_many_queries_for_one_of_each_as_for_three(client, policy_figures, npo, add_project):
    found = []
    for number in (1, 2):
        for _one in range(number):
            records.proposal(npo, status=ProposalStatus.SUBMITTED)
            add_project()
        client.get("/dashboard")
        with counted_queries() as sent:
            client.get("/dashboard")
        found.append(len(sent))
    assert found[0] == found[1]


@pytest.mark.parametrize("address", ["/", "/indicators"])
def test_dashboard_is_reached_from_where_figures_are_sought(client, address):
    assert parse(client.get(address).get_data(as_text=True)).select("main a[href='/dashboard']")
