from decimal import Decimal

from sqlalchemy import func, select

from matchmaker.directory import places
from matchmaker.directory.models import Division, Municipality
from matchmaker.foundation import clock
from matchmaker.foundation.database import Model, db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import queries, service
from matchmaker.indicators.catalogue import CERTIFIED
from matchmaker.indicators.models import OfficialFigure
from matchmaker.matching.terms import Prefecture
from matchmaker.projects.money_models import ProgrammeBudget
from matchmaker.proposals.models import PastProposal
from matchmaker.seeding import policy
from matchmaker.seeding.municipalities import list_municipalities, with_check_digit
from matchmaker.seeding.policy import Added


def count(model: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_policy_loads_figures_budgets_places_and_divisions(database):
    added = policy.load(at=clock.now())
    # Mie's 29 municipalities are there already in every test.
    assert added == Added(figures=16, budgets=14, municipalities=1741 - 29, divisions=2)
    assert [count(one) for one in (OfficialFigure, ProgrammeBudget, Municipality, Division)] == [16, 14, 1741, 2]


def test_policy_loaded_twice_adds_nothing(database):
    policy.load(at=clock.now())
    assert policy.load(at=clock.now()) == Added(0, 0, 0, 0)


def test_policy_loaded_again_leaves_a_correction_in_force(database, office, approver):
    policy.load(at=clock.now())
    with transaction():
        entry = service.Entry(fy=2011, value=Decimal(2), source="正誤表")
        figure = service.enter(CERTIFIED, entry, actor=office, at=clock.now())
    with transaction():
        service.approve(figure, actor=approver, at=clock.now())
    policy.load(at=clock.now())
    assert queries.official_years(CERTIFIED)[0].actual.value == Decimal(2)


def test_mie_has_its_29_municipalities_with_regions_and_readings(database):
    policy.load(at=clock.now())
    rows = db.session.scalars(select(Municipality).where(Municipality.prefecture == Prefecture.MIE)).all()
    regions = [row.region for row in rows]
    assert {name: regions.count(name) for name in places.MIE_REGIONS} == {
        "北勢": 10,
        "伊賀": 2,
        "中勢": 5,
        "南勢志摩": 7,
        "東紀州": 5,
    }
    assert db.session.get(Municipality, "242055").kana == "クワナシ"


def test_every_code_has_a_right_check_digit_and_occurs_once():
    codes = [row.code for row in list_municipalities()]
    assert [with_check_digit(code[:5]) for code in codes] == codes
    assert len(set(codes)) == len(codes) == 1741


def test_designated_cities_stand_for_their_wards_and_tokyo_keeps_its_own():
    rows = {row.code: row for row in list_municipalities()}
    assert (rows["141003"].name, rows["141003"].kana) == ("横浜市", "ヨコハマシ")
    assert (rows["221309"].name, rows["221309"].kana) == ("浜松市", "ハママツシ")
    assert sum(row.prefecture is Prefecture.TOKYO and row.name.endswith("区") for row in rows.values()) == 23
    assert [
        row.name for row in rows.values() if row.name.endswith("区") and row.prefecture is not Prefecture.TOKYO
    ] == []
    assert sum(row.code[2] == "1" and row.name.endswith("市") for row in rows.values()) == 20


def test_no_town_keeps_its_county_or_island_in_its_name():
    rows = {row.code: row for row in list_municipalities()}
    assert (rows["284815"].name, rows["284815"].kana) == ("上郡町", "カミゴオリチョウ")
    assert (rows["133817"].name, rows["134015"].name) == ("三宅村", "八丈町")
    assert {row.name[-1] for row in rows.values()} == {"市", "区", "町", "村"}


def test_loading_the_policy_makes_the_new_places_known(database):
    assert places.label_of("141003") == "141003"
    policy.load(at=clock.now())
    assert places.label_of("141003") == "神奈川県横浜市"


def test_command_loads_the_proposals_of_earlier_years_once(app, database):
    first, second = (app.test_cli_runner().invoke(args=["seed", "policy"]).output for _ in range(2))
    assert "過去の提案 52件を入れました。" in first
    assert second == "施策のデータは、すでに入っています。\n"
    assert count(PastProposal) == 52
