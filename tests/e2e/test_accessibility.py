"""Every page, as each role that sees it: no violation, no sideways scrolling on a telephone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import DESK, PHONE, sign_in

PAGES = {
    "": (
        "/",
        "/search?q=子ども",
        "/search?q=みつからないことば",
        "/about",
        "/accessibility",
        "/privacy",
        "/sign-in",
        "/sign-up",
        "/sign-up/npo",
        "/sign-up/company",
        "/password/forgotten",
        "/outbox",
        "/proposals",
        "/proposals?q=みつからないことば",
        "/proposals/past",
        "/presentations",
        "/presentations/1",
        "/history",
        "/response-times",
        "/proposals/D-0001",
        "/proposals/R8-0005",
        "/organisations",
        "/organisations/O-0001",
        "/projects",
        "/projects/R8-P002",
        "/proposals/proxy/code",
        "/criteria",
        "/calls/R8-C1",
        "/calls/R8-C1/history",
        "/themes/T-0001",
        "/indicators",
        "/indicators/npo-prefecture-projects",
        "/indicators/donations-to-npo-corporations",
        "/indicators/npo-prefecture-projects/R8",
        "/indicators/npo-prefecture-projects/R8/members",
        "/indicators/npo-prefecture-projects/H23/members",
        "/indicators/budgets",
        "/indicators/counting-rules",
        "/projects/lessons",
        "/open-data",
        "/open-data/projects",
        "/api/v1/",
        "/nowhere",
    ),
    "npo": (
        "/",
        "/account",
        "/account/members",
        "/organisations/O-0001/edit",
        "/proposals/mine",
        "/proposals/new",
        "/proposals/D-0063/needs",
        "/proposals/D-0063/edit",
        "/proposals/D-0063/edit/1",
        "/proposals/D-0063/edit/2",
        "/proposals/D-0063/edit/3",
        "/proposals/D-0063/edit/4",
        "/proposals/D-0063/edit/5",
        "/proposals/D-0063/check",
        "/proposals/D-0063/versions",
        "/proposals/D-0063/attachments",
        "/proposals/R8-0001",
        "/matches/R8-0001",
        "/matches/R8-0001/alert",
        "/matches/R8-0001~K-0004",
        "/proposals/D-0063/call",
        "/consultations",
        "/consultations/J-0001",
        "/consultations/slots/3/book",
        "/alerts",
        "/alerts/new?field=environment&open=y",
        "/introductions",
        "/introductions/S-0001",
    ),
    "company": (
        "/",
        "/interests/mine",
        "/interests/new",
        "/interests/K-0055",
        "/interests/K-0055/edit",
        "/matches/K-0055",
        "/introductions",
        "/introductions/S-0002",
        "/introductions/S-0003",
    ),
    "office": (
        "/",
        "/panel/assignments",
        "/panel/assignments/standing?each=3",
        "/panel/members",
        "/panel/R8-0003/scores",
        "/panel/R8-0003/decision",
        "/panel/R8-0003/presentation",
        "/presentations/new",
        "/presentations/1/edit",
        "/presentations/1/manage",
        "/presentations/1/timekeeper",
        "/work",
        "/work?late=1&sort=since",
        "/work/circulate?item=assessing:R8-0003",
        "/work/remind?item=assessing:R8-0003",
        "/review",
        "/review/R8-0001",
        "/review/R8-0002/lapse",
        "/review/R8-0003/circulation",
        "/response-times/fixing",
        "/review/R8-0001/reception",
        "/proposals/proxy",
        "/proposals/proxy/new",
        "/proposals/proxy/new-organisation",
        "/calls",
        "/calls/new",
        "/calls/R8-C1/edit",
        "/consultations/slots",
        "/consultations/slots/new",
        "/review/R8-0004",
        "/organisations/verification",
        "/projects/reports",
        "/projects/report",
        "/projects/R8-P001/agree",
        "/projects/R8-P001/edit",
        "/indicators/npo-prefecture-projects/enter",
    ),
    "division": ("/", "/work", "/circulation", "/circulation/R8-0003", "/projects/reports", "/projects/report"),
    "panel": ("/", "/account", "/panel", "/panel/R8-0003"),
    "approver": ("/", "/review", "/review/R8-0004"),
    "admin": (
        "/",
        "/accounts",
        "/accounts/1",
        "/divisions",
        "/rulesets",
        "/rulesets/new",
        "/vocabulary",
        "/vocabulary/topics",
        "/vocabulary/crosswalk/new",
        "/vocabulary/neighbours/row?key=24",
        "/vocabulary/line_topics/upload",
        "/vocabulary/preview",
    ),
}
EXPECTED_STATUS = {"/nowhere": 404}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize("role", PAGES)
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_have_no_barrier_that_axe_can_find(new_page, role, viewport):
    page = new_page(viewport=viewport)
    if role:
        sign_in(page, role)
    axe, found = Axe(), {}
    for address in PAGES[role]:
        answer = page.goto(address)
        assert answer.status == EXPECTED_STATUS.get(address, 200), address
        page.evaluate("document.querySelectorAll('main details').forEach(details => details.open = true)")
        violations = axe.run(page, options=RULES).response["violations"]
        is_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        problems = [f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in violations]
        if problems or is_wide:
            found[address] = problems + (["scrolls sideways"] if is_wide else [])
    assert found == {}
