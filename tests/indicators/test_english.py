"""The dashboard, its lists and its definitions are readable in English, whoever looks and whatever they show."""

import re
from pathlib import Path

import pytest

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.blueprints import languages
from matchmaker.directory import places
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import service
from matchmaker.indicators.catalogue import DONATIONS, INDICATORS, PARTICIPATION, Kind
from matchmaker.indicators.planner import Step
from matchmaker.indicators.snapshots import SnapshotKind
from matchmaker.indicators.stages import FunnelStage
from matchmaker.matching.terms import ActivityField, LegalForm, Prefecture
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.status import CollaborationForm, ProposalStatus, PublicStage
from matchmaker.review.promises import PromiseParty
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text, parse

pytestmark = pytest.mark.usefixtures("in_fiscal_year_2026")

ROOT = Path(__file__).parents[2]
JAPANESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
PAGES = (
    "/en/dashboard",
    *(f"/en/dashboard/stages/{stage.value}" for stage in FunnelStage),
    *(f"/en/indicators/{indicator.key}" for indicator in INDICATORS),
)
LABELLED = (
    ActivityField,
    CollaborationForm,
    FunnelStage,
    Kind,
    LegalForm,
    ProjectStatus,
    PromiseParty,
    ProposalStatus,
    PublicStage,
    SnapshotKind,
    Step,
    WaitingKind,
)


@pytest.fixture
def register(policy_figures, publish, npo, company, office, add_project):
    """Something behind every figure, a target of this year, and a break in a series."""
    for status in (ProposalStatus.ACCEPTED, ProposalStatus.REJECTED, ProposalStatus.ADOPTED, ProposalStatus.REFERRED):
        proposal = records.proposal(npo, status=status)
    records.proposal(npo, status=ProposalStatus.SUBMITTED, is_published=False, place_codes=["24"])
    records.introduction(proposal, records.interest(company), by=office)
    add_project(proposal_id=proposal.id)
    with transaction():
        service.mark_break(PARTICIPATION, fy=2014, is_break=True, note="調査を変えた。", actor=office, at=clock.now())
    for fy in range(2015, 2026):
        publish(DONATIONS, fy, str(150_000 + fy * fy % 7000), source="成果レポート")


def _japanese_on(html):
    """Every text and attribute that is neither English nor marked as Japanese."""
    page = parse(html)
    for marked in page.select("[lang=ja]"):
        marked.decompose()
    texts = [" ".join(text.split()) for text in page.find_all(string=JAPANESE)]
    values = [str(value) for element in page.find_all(True) for value in element.attrs.values()]
    return texts + [value for value in values if JAPANESE.search(value)]


@pytest.mark.parametrize("address", PAGES)
def test_no_japanese_is_on_an_english_page_but_names_that_say_so(app, client, register, npo_member, office, address):
    readers = (client, *(sign_in(app.test_client(), person) for person in (npo_member, office)))
    pages = [reader.get(address).get_data(as_text=True) for reader in readers]

    # The name of the person is in the menu as they wrote it.
    assert [set(_japanese_on(page)) - {npo_member.name, office.name} for page in pages] == [set(), set(), set()]
    assert [parse(page).html["lang"] for page in pages] == ["en", "en", "en"]


def test_an_english_page_without_any_record_has_no_japanese(client):
    assert [text for address in PAGES for text in _japanese_on(client.get(address).get_data(as_text=True))] == []


def test_every_label_that_can_be_shown_is_in_the_catalogue(database):
    labels = {
        *(term.label for vocabulary in LABELLED for term in vocabulary),
        *(name for _code, name in places.municipalities_of(Prefecture.MIE)),
        *places.MIE_REGIONS,
        *(text for one in INDICATORS for text in (one.title, one.unit, one.definition) if text),
    }
    catalogue = languages.read_catalogue()
    assert [label for label in sorted(labels) if JAPANESE.search(label) and label not in catalogue] == []


def test_every_entry_of_the_catalogue_is_whole_and_still_in_use():
    catalogue = languages.read_catalogue()
    written = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("matchmaker", "templates", "seeds")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".csv"}
    )
    joined = re.sub(r'"\n\s*"', "", written)
    entries = [entry for entry in catalogue if entry.id]
    identities = {entry.id if isinstance(entry.id, str) else entry.id[0]: entry for entry in entries}

    assert [text for text in identities if text not in joined] == []
    assert [text for text, entry in identities.items() if entry.fuzzy or not all(entry.string)] == []
    assert [text for text, entry in identities.items() if JAPANESE.search("".join(entry.string))] == []
    assert [text for text, entry in identities.items() if list(entry.check(catalogue))] == []


@pytest.mark.parametrize("address", PAGES)
def test_links_of_an_english_page_lead_to_english_pages_or_say_that_they_do_not(client, register, address):
    page = parse(client.get(address).get_data(as_text=True))
    silent = [
        link["href"]
        for link in page.select("a[href^='/']")
        if not link["href"].startswith("/en/") and not link.get("hreflang")
        if not link.select_one(".in-japanese") and "site-name" not in link.get("class", [])
        if "in-japanese" not in getattr(link.find_next_sibling(), "attrs", {}).get("class", [])
    ]
    assert silent == []


def test_both_languages_name_each_other_and_keep_filter_and_page(client, register):
    japanese = parse(client.get("/dashboard/stages/adopted?fy=R8&page=2").get_data(as_text=True))
    english = parse(client.get("/en/dashboard/stages/adopted?fy=R8&page=2").get_data(as_text=True))
    alternates = [
        ("ja", "http://localhost/dashboard/stages/adopted?fy=R8&page=2"),
        ("en", "http://localhost/en/dashboard/stages/adopted?fy=R8&page=2"),
    ]
    for page in (japanese, english):
        assert [(link["hreflang"], link["href"]) for link in page.select("link[rel=alternate]")] == alternates
    [to_english] = japanese.select("header a[hreflang=en]")
    [to_japanese] = english.select("header a[hreflang=ja]")
    assert (to_english.get_text(), to_english["lang"]) == ("English", "en")
    assert (to_japanese.get_text(), to_japanese["lang"]) == ("日本語", "ja")


def test_a_page_in_japanese_alone_offers_no_other_language(client):
    page = parse(client.get("/proposals").get_data(as_text=True))
    assert page.select("[hreflang]") == []
    assert client.get("/en/proposals").status_code == 404


def test_the_page_of_an_unknown_indicator_is_english_too(client):
    answer = client.get("/en/indicators/nothing")
    assert answer.status_code == 404
    assert _japanese_on(answer.get_data(as_text=True)) == []


def test_both_languages_show_the_same_figures_with_the_same_machine_readable_days(client, register):
    def values(address):
        main = parse(client.get(address).get_data(as_text=True)).main
        for note in main.select(".figure-note"):
            note.decompose()
        figures = [re.sub(r"\D", "", cell.get_text()) for cell in main.select("td.number, .bar-table__count")]
        return sorted(time["datetime"] for time in main.select("time")), figures

    assert values("/dashboard") == values("/en/dashboard")


def test_years_are_western_and_the_forecast_is_in_words_and_drawn(client, register):
    text = main_text(client.get("/en/dashboard").get_data(as_text=True))
    assert "0.75 of the target FY2015" in text
    assert "The sources do not show whether the targets were reached." not in text
    assert "Forecast for FY2026:" in text
    assert "Years available: 1 (up to FY2011)." in text
    assert not re.search(r"\b[RH]\d{1,2}\b", text)


def test_a_name_of_the_records_is_marked_where_no_translation_is_known(app):
    with app.test_request_context("/en/dashboard"):
        app.preprocess_request()
        assert languages.recorded("里山の会") == '<span lang="ja">里山の会</span>'
        assert languages.recorded("<b>会</b>") == '<span lang="ja">&lt;b&gt;会&lt;/b&gt;</span>'
        assert (languages.recorded("22年"), languages.recorded("")) == ("2010", "")
    with app.test_request_context("/dashboard"):
        app.preprocess_request()
        assert languages.recorded("里山の会") == "里山の会"
