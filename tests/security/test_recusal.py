"""A judge who keeps out of a proposal (回避) finds nothing of it that a visitor would not find, whatever else they are.

The person here has every role of the prefecture at once, and a tie with every proposal of the world.
"""

from datetime import timedelta

import pytest

from matchmaker.accounts import sessions
from matchmaker.accounts.models import StaffRole
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import saved_lists
from matchmaker.permissions.grants import STAFF_ROLES, Role
from matchmaker.permissions.levels import Level
from matchmaker.proposals.publication_models import FieldLevel
from matchmaker.proposals.questions import Question
from matchmaker.proposals.recusal_models import TieKind
from matchmaker.review import consultation, panel
from tests.security import walk as walks
from tests.security import world as worlds
from tests.security.expectations import FORBIDDEN, NOT_FOUND, PUBLISHED
from tests.security.walk import Browser
from tests.security.world import CANARIES
from tests.support import panelling
from tests.support.pages import main_text

SECRET = (
    "private draft",
    "unpublished answers",
    "judged answers",
    "draft decision",
    "score sheet",
    "meeting of the panel",
    "question before its release",
    "attached file",
    "asking message",
    "talking message",
    "declining words",
)

SHUT = {FORBIDDEN, NOT_FOUND}

READ_BY_EVERYBODY = {"proposals.show"}


@pytest.fixture(scope="module")
def closed(app):
    """The world, the person with the ties, and two browsers: theirs and a visitor's."""
    meaning = app.config.get("MATCHES_BY_MEANING")
    app.config.update(MATCHES_BY_MEANING=False)
    app.extensions.pop("match_registry", None)
    with app.app_context():
        world = worlds.build()
        person = panelling.judge("すべての役割の人")
        [assignment] = panelling.assigned(world.proposals["judged"], person, office=world.people["office"])
        panelling.declared(assignment)
        panelling.scored(assignment, 5)
        _give_every_role(person, world)
        with transaction():
            for proposal in world.proposals.values():
                # What registered people may read is more than what everybody may.
                db.session.add(
                    FieldLevel(
                        proposal_id=proposal.id,
                        question=Question.BENEFICIARIES,
                        level=Level.REGISTERED,
                        from_on=clock.today(),
                        set_by_id=world.people["npo"].id,
                        set_at=clock.now(),
                    )
                )
                panel.office_recusal(
                    proposal,
                    person,
                    kind=TieKind.FAMILY,
                    words="家族が役員です。",
                    actor=world.people["office"],
                    at=clock.now(),
                )
        theirs = Browser(app, app.response_class)
        with transaction():
            token = sessions.begin(person, at=clock.now())
        with theirs.session_transaction() as cookie:
            cookie["_user_id"] = token
        yield world, theirs, Browser(app, app.response_class), list(walks._addresses(app, world))
    app.config.update(MATCHES_BY_MEANING=meaning)
    app.extensions.pop("match_registry", None)


def _give_every_role(person, world):
    division = world.people["division"].division
    with transaction():
        for role in sorted(STAFF_ROLES - {Role.PANEL}):
            where = division.id if role is Role.DIVISION else None
            db.session.add(StaffRole(user_id=person.id, role=role, division_id=where, granted_at=clock.now()))
    db.session.expire_all()


def test_every_address_of_a_proposal_is_shut_or_shows_what_everybody_sees(closed):
    _world, theirs, visitor, addresses = closed
    asked, wrong = 0, []
    for rule, address, about in addresses:
        if "proposal" not in about:
            continue
        for method in sorted(rule.methods & {"GET", "POST"}):
            with theirs.open(address, method=method) as answer:
                asked += 1
                if rule.endpoint in READ_BY_EVERYBODY and about["proposal"] in PUBLISHED:
                    with visitor.get(address, follow_redirects=True) as public:
                        text = answer if answer.status_code == 200 else theirs.get(address, follow_redirects=True)
                        if main_text(text.text) != main_text(public.text):
                            wrong.append((address, "differs from what a visitor reads"))
                elif answer.status_code not in SHUT:
                    wrong.append((rule.endpoint, method, address, about["proposal"], answer.status_code))

    assert asked > 200
    assert wrong == []


def test_no_other_page_figure_search_or_export_tells_of_it(closed):
    world, theirs, _visitor, addresses = closed
    canaries = [canary for kind in SECRET for canary in CANARIES[kind]]
    more = [
        "/search?q=金糸雀",
        "/review?show=all",
        "/review?show=all&q=金糸雀",
        "/panel/assignments/standing?each=1",
        *(f"/search?q={proposal.public_number}" for proposal in world.proposals.values()),
    ]
    seen, found = 0, []
    for address in dict.fromkeys([*(one for rule, one, _about in addresses if "GET" in rule.methods), *more]):
        with theirs.get(address) as answer:
            seen += answer.status_code == 200
            if answer.mimetype.startswith("text") or answer.is_json:
                found += [(address, canary) for canary in canaries if canary in answer.get_data(as_text=True)]

    assert seen > 60
    assert found == []


TOLD_BY_ITSELF = {"panel.mine"}
"""Where a judge is told the number of what they keep out of."""


def test_no_page_names_it_that_does_not_name_it_to_a_visitor(closed):
    world, theirs, visitor, addresses = closed
    numbers = {one for proposal in world.proposals.values() for one in (proposal.public_number, proposal.draft_number)}
    asked, named = 0, []
    more = ["/search?q=放課後", "/proxy", "/consultations/slots", "/rulesets/preview", "/vocabulary/preview"]
    plain = [one for rule, one, about in addresses if "GET" in rule.methods and "proposal" not in about]
    told = {one for rule, one, _about in addresses if rule.endpoint in TOLD_BY_ITSELF}
    for address in dict.fromkeys([*plain, *more]):
        with theirs.get(address) as answer:
            is_read = answer.status_code == 200 and (answer.mimetype.startswith("text") or answer.is_json)
            text = answer.get_data(as_text=True) if is_read else ""
        shown = {one for one in numbers if one in text}
        if shown:
            with visitor.get(address) as public:
                shown -= {one for one in shown if one in public.get_data(as_text=True)}
        asked += is_read
        named += [(address, one) for one in sorted(shown)] if address not in told else []

    assert asked > 60
    assert named == []


def test_the_exported_workbook_leaves_the_proposals_out(closed):
    import io
    import zipfile

    _world, theirs, _visitor, _addresses = closed
    with theirs.get("/panel/assignments/standing/export.xlsx") as answer:
        content = zipfile.ZipFile(io.BytesIO(answer.data))
        text = "".join(content.read(name).decode() for name in content.namelist() if name.endswith(".xml"))

    assert "受付番号" in text
    assert [kind for kind in SECRET if any(canary in text for canary in CANARIES[kind])] == []
    assert "R8-" not in text


def test_lists_of_work_name_none_of_the_proposals(closed):
    world, theirs, _visitor, _addresses = closed
    numbers = {proposal.public_number for proposal in world.proposals.values()}

    for address in ("/review", "/review?show=all", "/introductions", "/panel/assignments", "/work", "/"):
        with theirs.get(address) as answer:
            named = {
                number for number in numbers if f"/review/{number}" in answer.text or f"/panel/{number}" in answer.text
            }
            assert named == set(), address


def test_the_judge_is_told_the_number_and_that_they_are_out(closed):
    world, theirs, _visitor, _addresses = closed
    with theirs.get("/panel") as answer:
        text = main_text(answer.text)

    assert world.proposals["judged"].public_number in text
    assert "利害関係があるため、この提案の審査から外れています" in text


def test_what_they_had_written_stays_on_record_and_out_of_the_figures(closed):
    world, _theirs, _visitor, _addresses = closed
    view = panel.view_of(world.proposals["judged"])

    [line] = [line for line in view.lines if line.recusal is not None]
    assert (len(line.sheets), line.counting) == (1, None)
    assert [sheet.assignment.judge.name for sheet in view.counting] == ["県職員 panel"]


def test_who_keeps_a_slot_does_not_read_what_its_talk_is_about(closed):
    world, theirs, _visitor, _addresses = closed
    starts_at = clock.now() + timedelta(days=2)
    npo = world.people["npo"]
    wanted = consultation.Offered(starts_at, 60, 1, "県庁", False, 1, world.people["division"].division.id)
    with transaction():
        [slot] = consultation.offer(wanted, actor=world.people["division"], at=clock.now())
        about = world.proposals["released"]
        talk = consultation.book(slot, proposal=about, subject="秘密の相談", actor=npo, at=clock.now())
    with transaction():
        slot.starts_at, slot.ends_at = clock.now() - timedelta(hours=2), clock.now() - timedelta(hours=1)

    pages = [theirs.get(address) for address in ("/consultations/slots", "/work")]

    assert [talk.number in page.text for page in pages] == [True, False]
    assert ["秘密の相談" in page.text for page in pages] == [False, False]
    assert about.title not in pages[0].text
    assert theirs.get(f"/consultations/{talk.number}").status_code == 404


def test_a_kept_list_of_a_company_leaves_it_out(closed):
    world, theirs, _visitor, _addresses = closed
    interest = world.interests["named"]
    with transaction():
        saved_id = saved_lists.save(
            saved_lists.capture(interest, on=clock.today()), actor=world.people["office"], at=clock.now()
        ).id
    numbers = {one for proposal in world.proposals.values() for one in (proposal.public_number, proposal.draft_number)}

    for address in (f"/saved-lists/{saved_id}", f"/saved-lists/{saved_id}/again"):
        page = theirs.get(address)
        assert (page.status_code, {one for one in numbers if one in page.text}) == (200, set())
