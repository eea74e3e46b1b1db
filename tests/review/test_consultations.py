"""Consultations before a call: slots, bookings, reminders and the record."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from matchmaker.accounts.models import StaffRole, User
from matchmaker.foundation import clock
from matchmaker.foundation.clock import JAPAN
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import consultation, work
from matchmaker.review import consultation_queries as queries
from matchmaker.review.call_models import CallPhase
from matchmaker.review.consultation_models import Consultation, ConsultationSlot
from tests.support import calling, records
from tests.support.at_once import ends_at_once
from tests.support.client import sign_in
from tests.support.forms import opened
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries


def offered(actor, *, days=3, count=1, seats=1, place="県庁6階", is_online=False):
    division_id = actor.division.id if actor.division else None
    starts_at = clock.now() + timedelta(days=days)
    wanted = consultation.Offered(starts_at, 60, count, place, is_online, seats, division_id)
    with transaction():
        made = consultation.offer(wanted, actor=actor, at=clock.now())
    return made if count > 1 else made[0]


def booked(slot, actor, proposal=None, subject="学校との連携について"):
    with transaction():
        return consultation.book(slot, proposal=proposal, subject=subject, actor=actor, at=clock.now())


def held(actor, member, **values):
    """A talk that is over: the slot is moved into the past."""
    made = booked(offered(actor), member, **values)
    with transaction():
        made.slot.starts_at, made.slot.ends_at = clock.now() - timedelta(hours=2), clock.now() - timedelta(hours=1)
    return made


def mails(session):
    return [(mail.kind, mail.to_email) for mail in session.scalars(select(Notice).order_by(Notice.id))]


def test_slots_are_offered_one_after_the_other(office, session):
    slots = offered(office, count=3)

    assert [slot.starts_at for slot in slots[1:]] == [slot.ends_at for slot in slots[:-1]]
    assert {slot.division_id for slot in slots} == {None}


def test_a_division_offers_its_own_time_only_and_nobody_the_past(office, division_staff, session):
    tomorrow = clock.now() + timedelta(days=1)
    other = consultation.Offered(tomorrow, 60, 1, "県庁", False, 1, None)
    past = consultation.Offered(clock.now() - timedelta(minutes=1), 60, 1, "県庁", False, 1, None)

    with pytest.raises(consultation.SlotNotOffered, match="自分の課"), transaction():
        consultation.offer(other, actor=division_staff, at=clock.now())
    with pytest.raises(consultation.SlotNotOffered, match="これから"), transaction():
        consultation.offer(past, actor=office, at=clock.now())


def test_a_booking_tells_both_sides(office, npo_member, session):
    slot = offered(office)

    made = booked(slot, npo_member)

    assert slot.seats_left == 0
    assert mails(session) == [("consultation_booked", npo_member.email), ("consultation_booked", office.email)]
    body = session.scalars(select(Notice)).first().body
    assert f"/consultations/{made.number}\n" in body
    assert body.startswith(f"{npo_member.name} 様\n\n")


def test_a_full_slot_one_that_is_over_and_a_second_booking_are_refused(office, npo_member, other_npo_member, session):
    slot, wide = offered(office), offered(office, seats=3)
    booked(slot, npo_member)
    booked(wide, npo_member)

    with pytest.raises(consultation.CannotBook, match="いっぱい"):
        booked(slot, other_npo_member)
    with pytest.raises(consultation.CannotBook, match="すでに申し込んで"):
        booked(wide, npo_member)
    with transaction():
        wide.starts_at = clock.now() - timedelta(minutes=1)
    with pytest.raises(consultation.CannotBook, match="もう申し込めません"):
        booked(wide, other_npo_member)


def draft_for(npo, call):
    proposal = records.proposal(npo, status=ProposalStatus.DRAFT)
    with transaction():
        proposal.call_id = call.id
    return proposal


def test_a_talk_about_a_call_is_booked_from_the_day_that_the_call_says(office, npo, npo_member, session):
    begins_on = clock.today() + timedelta(days=5)
    proposal = draft_for(npo, calling.call(office, CallPhase.COMING, consultation_from_on=begins_on))
    slot = offered(office, days=9)
    morning = datetime.combine(begins_on, time(0), JAPAN)

    with pytest.raises(consultation.TooEarly, match="事前意見交換は、"), transaction():
        consultation.book(slot, proposal=proposal, subject="", actor=npo_member, at=morning - timedelta(seconds=1))
    with transaction():
        made = consultation.book(slot, proposal=proposal, subject="", actor=npo_member, at=morning)

    assert made.proposal_id == proposal.id


def test_a_talk_without_a_draft_is_not_linked_to_a_call_too_early(office, npo, npo_member, session):
    begins_on = clock.today() + timedelta(days=5)
    proposal = draft_for(npo, calling.call(office, CallPhase.COMING, consultation_from_on=begins_on))
    made = booked(offered(office), npo_member)

    with pytest.raises(consultation.TooEarly), transaction():
        consultation.link(made, proposal, actor=npo_member, at=clock.now())


def test_too_early_is_said_beside_the_draft_and_keeps_what_was_typed(npo_client, office, npo, session):
    call = calling.call(office, CallPhase.COMING, consultation_from_on=clock.today() + timedelta(days=5))
    proposal, slot = draft_for(npo, call), offered(office)

    answer = npo_client.post(
        f"/consultations/slots/{slot.id}/book", data={"proposal": proposal.draft_number, "subject": "学校のこと"}
    )

    assert answer.status_code == 422
    assert list(errors_beside_fields(answer.text)) == ["proposal"]
    assert "「NPOからの協働事業提案」の事前意見交換は、" in main_text(answer.text)
    assert parse(answer.text).select_one("[name=subject]").get_text().strip() == "学校のこと"


def test_of_two_who_book_the_last_seat_at_once_one_gets_it(app, office, npo_member, other_npo_member, session):
    slot_id = offered(office).id
    people = [npo_member.id, other_npo_member.id]

    def take(user_id):
        slot, actor = db.session.get(ConsultationSlot, slot_id), db.session.get(User, user_id)
        consultation.book(slot, proposal=None, subject="x", actor=actor, at=clock.now())

    session.rollback()
    ends = ends_at_once(app, [lambda user_id=user_id: take(user_id) for user_id in people])

    assert ends == ["CannotBook", "done"]


def test_a_booking_is_moved_and_both_keepers_are_told(office, division_staff, npo_member, session):
    old, new = offered(office), offered(division_staff, days=5)
    made = booked(old, npo_member)

    with transaction():
        consultation.move(made, new, actor=npo_member, at=clock.now())

    assert (made.slot_id, old.seats_left) == (new.id, 1)
    assert mails(session)[2:] == [
        ("consultation_moved", npo_member.email),
        ("consultation_moved", division_staff.email),
        ("consultation_moved", office.email),
    ]


def test_a_cancelled_booking_frees_its_seat_and_can_be_made_again(office, npo_member, session):
    slot = offered(office)
    made = booked(slot, npo_member)

    with transaction():
        consultation.cancel(made, reason="都合が悪くなったため", actor=npo_member, at=clock.now())
    again = booked(slot, npo_member)

    assert again.id != made.id
    assert [kind for kind, _to in mails(session)].count("consultation_cancelled") == 2


def test_a_talk_that_has_begun_is_neither_moved_nor_cancelled(office, npo_member, session):
    made, other = held(office, npo_member), offered(office)

    with pytest.raises(consultation.TalkIsOver), transaction():
        consultation.cancel(made, reason="x", actor=npo_member, at=clock.now())
    with pytest.raises(consultation.TalkIsOver), transaction():
        consultation.move(made, other, actor=npo_member, at=clock.now())


def test_a_withdrawn_slot_cancels_its_bookings_with_the_reason(office, npo_member, session):
    slot = offered(office)
    made = booked(slot, npo_member)

    with transaction():
        consultation.withdraw(slot, reason="議会の日程が変わったため", actor=office, at=clock.now())

    assert made.cancel_reason == "議会の日程が変わったため"
    assert "議会の日程が変わったため" in session.scalars(select(Notice).order_by(Notice.id.desc())).first().body


def test_a_division_does_not_withdraw_the_slot_of_others(office, division_staff, session):
    slot = offered(office)

    with pytest.raises(consultation.NotYours), transaction():
        consultation.withdraw(slot, reason="x", actor=division_staff, at=clock.now())


def test_both_sides_are_reminded_once_of_a_talk_that_is_near(office, npo_member, session):
    near, far = booked(offered(office, days=1), npo_member), booked(offered(office, days=4), npo_member)
    cancelled = booked(offered(office, days=1), npo_member)
    with transaction():
        consultation.cancel(cancelled, reason="x", actor=npo_member, at=clock.now())

    with transaction():
        first = consultation.remind_due(at=clock.now())
    with transaction():
        second = consultation.remind_due(at=clock.now())

    assert (first, second) == (1, 0)
    assert (near.reminded_at is None, far.reminded_at is None) == (False, True)
    assert [kind for kind, _to in mails(session)].count("consultation_reminder") == 2


def test_the_command_reminds(app, office, npo_member, session):
    booked(offered(office, days=1), npo_member)

    result = app.test_cli_runner().invoke(args=["consultations", "remind"])

    assert (result.exit_code, result.output) == (0, "1 reminded\n")


def test_a_moved_booking_is_reminded_of_its_new_day(office, npo_member, session):
    made = booked(offered(office, days=1), npo_member)
    with transaction():
        consultation.remind_due(at=clock.now())
    with transaction():
        offered_slot = db.session.get(ConsultationSlot, _far(office))
        consultation.move(made, offered_slot, actor=npo_member, at=clock.now())

    assert offered_slot.id == made.slot_id
    assert made.reminded_at is None


def _far(office):
    slot = ConsultationSlot(
        starts_at=clock.now() + timedelta(days=6),
        ends_at=clock.now() + timedelta(days=6, hours=1),
        place="県庁",
        seats=1,
        offered_by_id=office.id,
        offered_at=clock.now(),
    )
    db.session.add(slot)
    db.session.flush()
    return slot.id


def test_the_record_keeps_who_said_what_and_the_npo_confirms_what_was_agreed(office, npo_member, session):
    made = held(office, npo_member)

    with transaction():
        note = consultation.note(
            made, attendees="事務局、鈴木", said="会場の話をした。", agreed="学校に聞く。", actor=office, at=clock.now()
        )
    with transaction():
        consultation.note(made, attendees="", said="校長に会いました。", actor=npo_member, at=clock.now())
    with transaction():
        consultation.confirm(note, made, actor=npo_member, at=clock.now())
    confirmed_at = note.confirmed_at
    with transaction():
        consultation.confirm(note, made, actor=npo_member, at=clock.now())

    assert [(one.author_id, one.said) for one in made.notes] == [
        (office.id, "会場の話をした。"),
        (npo_member.id, "校長に会いました。"),
    ]
    assert (note.confirmed_by_id, note.confirmed_at) == (npo_member.id, confirmed_at)


def test_only_the_npo_confirms(office, npo_member, other_npo_member, session):
    made = held(office, npo_member)
    with transaction():
        note = consultation.note(made, attendees="", said="話した", agreed="決めた", actor=office, at=clock.now())

    for person in (office, other_npo_member):
        with pytest.raises(consultation.NotYours), transaction():
            consultation.confirm(note, made, actor=person, at=clock.now())


def test_a_talk_without_a_record_waits_for_the_prefecture(office, npo_member, session):
    made = held(office, npo_member)
    booked(offered(office), npo_member)

    waiting = queries.waiting_for(office)
    with transaction():
        consultation.note(made, attendees="", said="話した", actor=office, at=clock.now())

    assert [item.number for item in waiting] == [made.number]
    assert queries.waiting_for(office) == []
    assert queries.waiting_for in work.PROVIDERS


def test_who_sees_a_talk(office, approver, division_staff, npo_member, other_npo_member, company_member, session):
    of_office, of_division = booked(offered(office), npo_member), booked(offered(division_staff), npo_member)
    people = [office, approver, division_staff, npo_member, other_npo_member, company_member]

    seen = [[queries.find_for(person, one.id) is not None for one in (of_office, of_division)] for person in people]

    assert seen == [[True, True], [True, True], [False, True], [True, True], [False, False], [False, False]]


def test_an_npo_books_with_a_draft_and_the_division_reads_what_it_needs(
    app, npo, npo_client, division_staff, division_client, session
):
    proposal = records.proposal(npo)
    slot = offered(division_staff, is_online=True, place="https://meet.example.jp/abc")
    address = f"/consultations/slots/{slot.id}/book"

    before = npo_client.get(address).text
    nothing = npo_client.post(address, data={"proposal": "", "subject": " "})
    answer = npo_client.post(address, data={"proposal": proposal.draft_number, "subject": ""})

    assert "meet.example.jp" not in before
    assert errors_beside_fields(nothing.text) == {"subject": "エラー： 提案を選ぶか、話したいことを入力してください"}
    page = main_text(division_client.get(answer.location).text)
    assert proposal.issue in page
    assert proposal.content in page
    assert "meet.example.jp" in main_text(npo_client.get(answer.location).text)
    assert proposal.budget_detail not in page


def test_a_full_slot_keeps_what_was_typed(npo_client, other_npo_member, office, session):
    slot = offered(office)
    booked(slot, other_npo_member)

    answer = npo_client.post(f"/consultations/slots/{slot.id}/book", data={"proposal": "", "subject": "長く考えた文"})

    assert answer.status_code == 409
    assert "長く考えた文" in answer.text


def test_a_proposal_of_others_is_not_taken_along(npo_client, other_npo, office, session):
    slot, other = offered(office), records.proposal(other_npo)

    answer = npo_client.post(
        f"/consultations/slots/{slot.id}/book", data={"proposal": other.draft_number, "subject": "x"}
    )

    assert answer.status_code == 422
    assert session.scalars(select(Consultation)).all() == []


def test_the_npo_moves_links_and_adds_to_the_record_on_the_page(npo, npo_client, npo_member, office, session):
    made, other, proposal = booked(offered(office), npo_member), offered(office, days=9), records.proposal(npo)
    address = f"/consultations/{made.number}"

    codes = [
        npo_client.post(f"{address}/move", data={"slot": str(other.id)}).status_code,
        npo_client.post(f"{address}/proposal", data={"proposal": proposal.draft_number}).status_code,
        npo_client.post(f"{address}/notes", data={"said": "資料を送ります。", "agreed": "勝手な合意"}).status_code,
        npo_client.post(f"{address}/notes", data={"said": ""}).status_code,
        npo_client.post(f"{address}/move", data={"slot": "999999"}).status_code,
    ]

    session.refresh(made)
    assert codes == [303, 303, 303, 422, 422]
    assert (made.slot_id, made.proposal_id) == (other.id, proposal.id)
    assert [(note.said, note.agreed) for note in made.notes] == [("資料を送ります。", "")]


def test_the_record_stands_beside_the_proposal_in_the_review(office_client, npo, npo_member, office, session):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    made = held(office, npo_member, proposal=proposal)
    with transaction():
        consultation.note(
            made, attendees="", said="会場の話をした。", agreed="学校に聞く。", actor=office, at=clock.now()
        )

    text = main_text(office_client.get(f"/review/{proposal.number}").text)

    assert "会場の話をした。" in text
    assert "学校に聞く。" in text


def test_the_office_offers_and_withdraws_on_its_pages(office_client, npo_member, session):
    day = (clock.today() + timedelta(days=10)).isoformat()
    form = opened(office_client, "/consultations/slots/new")

    wrong = office_client.post(
        "/consultations/slots/new", data=form | {"on": "2020-01-01", "starts": "25:00", "place": ""}
    )
    made = office_client.post(
        "/consultations/slots/new", data=form | {"on": day, "starts": "１３:３０", "count": "2", "place": "県庁"}
    )
    slots = session.scalars(select(ConsultationSlot).order_by(ConsultationSlot.starts_at)).all()
    booking = booked(slots[0], npo_member)
    without = office_client.post(f"/consultations/slots/{slots[0].id}/withdraw", data={"reason": ""})
    office_client.post(f"/consultations/slots/{slots[0].id}/withdraw", data={"reason": "会議が入ったため"})

    assert set(errors_beside_fields(wrong.text)) == {"starts", "place"}
    assert made.location == "/consultations/slots"
    assert [slot.starts_at.astimezone(clock.JAPAN).strftime("%H:%M") for slot in slots] == ["13:30", "14:30"]
    assert without.status_code == 422
    session.refresh(booking)
    assert booking.cancel_reason == "会議が入ったため"


def test_a_division_sees_and_offers_its_own_slots_only(app, office, division_client, division_staff, session):
    offered(office, place="事務局の部屋")
    other = records.staff(Role.DIVISION, name="別の課の人")
    offered(division_staff, place="自分の部屋")

    own = main_text(division_client.get("/consultations/slots").text)
    others = main_text(sign_in(app.test_client(), other).get("/consultations/slots").text)

    assert "自分の部屋" in own
    assert "事務局の部屋" not in own
    assert "出している枠はありません" in others
    options = parse(division_client.get("/consultations/slots/new").text).select("#division_id option")
    assert [option["value"] for option in options] == [str(division_staff.division.id)]


def test_pages_of_slots_cost_the_same_for_one_and_three(office_client, npo_client, npo_member, office, session):
    booked(offered(office, seats=5), npo_member)
    addresses = [(office_client, "/consultations/slots"), (npo_client, "/consultations")]
    counts = []
    for _ in range(2):
        seen = []
        for client, address in addresses:
            with counted_queries() as queries_sent:
                client.get(address)
            seen.append(len(queries_sent))
        counts.append(seen)
        for days in (5, 6):
            booked(offered(office, days=days), npo_member)

    assert counts[0] == counts[1]


@pytest.mark.parametrize("kind", ["npo_client", "company_client", "approver_client"])
def test_only_the_prefectures_keepers_offer_slots(kind, request, session):
    client = request.getfixturevalue(kind)

    assert [client.get(path).status_code for path in ("/consultations/slots", "/consultations/slots/new")] == [403, 403]


def test_an_ended_role_leaves_nothing_open(app, office, npo_member, session):
    made = booked(offered(office), npo_member)
    with transaction():
        role = session.scalars(select(StaffRole).where(StaffRole.user_id == office.id)).one()
        role.ended_at = datetime.now(UTC)
    session.refresh(office)

    assert queries.find_for(office, made.id) is None
