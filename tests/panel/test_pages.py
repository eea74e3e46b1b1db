"""The panel's pages, as a judge, the office and a visitor use them, with scripts and without."""

import io
import re
import zipfile
from datetime import datetime, timedelta

import pytest

from matchmaker.accounts.models import StaffRole
from matchmaker.foundation import clock
from matchmaker.foundation.clock import JAPAN
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Role
from matchmaker.proposals.recusal_models import Recusal, TieKind
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import panel, panel_decisions, presentation, service
from matchmaker.review.criteria import STANDING
from matchmaker.review.panel_models import PanelAssignment, PanelDecision, ScoreSheet
from matchmaker.review.presentation_models import PresentationDay, PresentationSlot
from matchmaker.review.presentation_times import Lengths
from tests.support import records
from tests.support.client import sign_in
from tests.support.forms import field_values, opened
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.panelling import assigned, declared, judge, meeting, scored
from tests.support.queries import counted_queries


@pytest.fixture
def judge_client(app, judges):
    return sign_in(app.test_client(), judges[0])


@pytest.fixture
def assignment(proposal, judges, office) -> PanelAssignment:
    [row] = assigned(proposal, judges[0], office=office)
    return row


@pytest.fixture
def ready(assignment) -> PanelAssignment:
    declared(assignment)
    return assignment


def sheet(score="4", reason="理由です。", **more):
    filled = {f"score_{place}": score for place in range(1, len(STANDING) + 1)}
    filled |= {f"reason_{place}": reason for place in range(1, len(STANDING) + 1)}
    return {**filled, "comment": "", "version": "0", "then": "submit", **more}


def test_a_judge_without_work_is_told_what_comes(judge_client):
    assert "審査をお願いしている提案は、いまはありません" in main_text(judge_client.get("/panel").text)


def test_before_ties_are_declared_the_page_holds_title_and_organisation_and_nothing_else(assignment, judge_client):
    text = main_text(judge_client.get(f"/panel/{assignment.proposal.number}").text)

    assert assignment.proposal.title in text
    assert assignment.proposal.organisation.name in text
    for secret in (assignment.proposal.issue, assignment.proposal.evidence, assignment.proposal.content):
        assert secret not in text
    assert "私（委員 一）は、提案" in text


def test_text_files_and_sheet_are_refused_before_ties_are_declared(assignment, judge_client):
    number = assignment.proposal.number
    answers = {
        judge_client.post(f"/panel/{number}/sheet", data=sheet()).status_code,
        judge_client.post(f"/panel/{number}/sheet/autosave", data=sheet()).status_code,
        judge_client.get(f"/panel/{number}/files/{'0' * 32}").status_code,
    }

    assert answers == {403}


def test_whoever_says_no_tie_reads_the_text(assignment, judge_client):
    number = assignment.proposal.number
    answer = judge_client.post(f"/panel/{number}/ties", data={"tie": "none"})

    assert (answer.status_code, answer.location) == (303, f"/panel/{number}")
    text = main_text(judge_client.get(answer.location).text)
    assert assignment.proposal.evidence in text
    assert "採点表を提出する" in text


def test_a_tie_without_words_stays_in_its_form(assignment, judge_client):
    answer = judge_client.post(f"/panel/{assignment.proposal.number}/ties", data={"tie": "family"})

    assert answer.status_code == 422
    assert errors_beside_fields(answer.text) == {"words": "エラー： どんな関係かを入力してください"}


def test_a_declared_tie_shuts_the_page_at_once(assignment, judge_client):
    number = assignment.proposal.number
    answer = judge_client.post(f"/panel/{number}/ties", data={"tie": "family", "words": "妹が理事です。"})

    assert answer.location == "/panel"
    assert judge_client.get(f"/panel/{number}").status_code == 404
    text = main_text(judge_client.get("/panel").text)
    assert number in text
    assert assignment.proposal.title not in text


def test_another_judges_proposal_is_not_there(app, proposal, judges, office):
    assigned(proposal, judges[0], office=office)

    assert sign_in(app.test_client(), judges[1]).get(f"/panel/{proposal.number}").status_code == 404


def test_a_sheet_is_kept_and_handed_in_without_scripts(ready, judge_client):
    number = ready.proposal.number
    kept = judge_client.post(f"/panel/{number}/sheet", data=sheet(then="save", score_2="", reason_2=""))
    assert kept.status_code == 303
    values = opened_sheet(judge_client, number)
    assert (values["score_1"], values["reason_1"], values["version"]) == (["4"], ["理由です。"], ["1"])
    assert "score_2" not in values

    handed_in = judge_client.post(
        f"/panel/{number}/sheet", data={**values, "score_2": "5", "reason_2": "よい。", "then": "submit"}
    )
    assert handed_in.status_code == 303
    text = main_text(judge_client.get(f"/panel/{number}").text)
    assert "採点表を提出しました。合計は83.3点です。" in text
    assert "採点表を提出する" not in text


def opened_sheet(client, number):
    return field_values(client.get(f"/panel/{number}").text, "form.sheet")


def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(ready, judge_client):
    answer = judge_client.post(
        f"/panel/{ready.proposal.number}/sheet", data=sheet(score_3="", reason_3="", score_1="99")
    )

    assert answer.status_code == 422
    assert errors_beside_fields(answer.text) == {
        "score_1": "エラー： 点を選んでください",
        "score_3": "エラー： 点を選んでください",
        "reason_3": "エラー： 理由を入力してください",
    }
    assert field_values(answer.text, "form.sheet")["reason_2"] == ["理由です。"]
    assert db.session.query(ScoreSheet).count() == 0


STRANGE = ("\0", "\x01\x1b[31m", "<script>", "９", "-1", "9" * 4000, "1e9", "²", "\u202e逆", "{{7*7}}", "' OR 1=1", "")


@pytest.mark.parametrize("name", ["score_1", "reason_1", "comment", "version", "then"])
def test_no_strange_text_breaks_a_sheet(ready, judge_client, name):
    number, codes = ready.proposal.number, set()
    for value in STRANGE:
        kept = judge_client.post(f"/panel/{number}/sheet", data={**sheet(then="save"), name: value})
        saved = judge_client.post(f"/panel/{number}/sheet/autosave", data={**sheet(), name: value})
        codes |= {kept.status_code, saved.status_code}

    assert codes <= {200, 303, 409, 422}
    assert judge_client.get(f"/panel/{number}").status_code == 200


def test_a_sheet_saves_itself_and_says_its_version(ready, judge_client):
    number = ready.proposal.number
    first = judge_client.post(f"/panel/{number}/sheet/autosave", data=sheet(score_2=""))
    second = judge_client.post(f"/panel/{number}/sheet/autosave", data=sheet(version=first.json["version"]))
    stale = judge_client.post(f"/panel/{number}/sheet/autosave", data=sheet(version=first.json["version"]))
    too_long = judge_client.post(f"/panel/{number}/sheet/autosave", data=sheet(reason_1="長" * 2001, version="2"))

    assert (first.json["version"], second.json["version"]) == (1, 2)
    assert (stale.status_code, "error" in stale.json) == (409, True)
    assert (too_long.status_code, "error" in too_long.json) == (422, True)


def test_a_second_window_meets_both_texts(ready, judge_client):
    number = ready.proposal.number
    judge_client.post(f"/panel/{number}/sheet", data=sheet(then="save", reason_1="先の理由"))
    answer = judge_client.post(f"/panel/{number}/sheet", data=sheet(then="save", reason_1="後の理由"))

    assert answer.status_code == 409
    assert {"先の理由", "後の理由"} <= set(re.findall("先の理由|後の理由", main_text(answer.text)))
    again = judge_client.post(f"/panel/{number}/sheet", data=field_values(answer.text))
    assert again.status_code == 303
    assert opened_sheet(judge_client, number)["reason_1"] == ["後の理由"]


def test_a_proposal_withdrawn_while_typing_gives_the_words_back(ready, judge_client, npo_member):
    number = ready.proposal.number
    judge_client.post(f"/panel/{number}/sheet/autosave", data=sheet(reason_1="残る理由"))
    with transaction():
        service.withdraw(ready.proposal, actor=npo_member, at=clock.now())

    answer = judge_client.post(f"/panel/{number}/sheet", data=sheet(version="1", reason_1="あとから直した理由"))
    assert answer.status_code == 409
    assert "取り下げたため" in main_text(answer.text)
    assert "あとから直した理由" in main_text(answer.text)
    page = main_text(judge_client.get(f"/panel/{number}").text)
    assert "残る理由" in page
    assert "提出されないまま終わりました" in page


def test_a_sheet_after_its_day_says_so(ready, judge_client):
    with transaction():
        ready.due_on = clock.today() - timedelta(days=1)
    number = ready.proposal.number
    judge_client.post(f"/panel/{number}/sheet", data=sheet())

    text = main_text(judge_client.get(f"/panel/{number}").text)
    assert "「期限後の提出」と記録しました" in text


def test_others_sheets_show_after_ones_own_and_changes_are_counted(app, proposal, judges, office, judge_client):
    first, second = assigned(proposal, judges[0], judges[1], office=office)
    declared(first, second)
    scored(second, 5)
    number = proposal.number
    assert "委員 二" not in main_text(judge_client.get(f"/panel/{number}").text)
    scored(first, 2)
    assert "委員 二：100.0点" in main_text(judge_client.get(f"/panel/{number}").text)

    with transaction():
        proposal.status = Status.PRESENTED
    scored(first, 4)
    text = main_text(judge_client.get(f"/panel/{number}").text)
    assert "課題のとらえ方：2点から4点（2点上げた）" in text


def test_a_judges_list_costs_the_same_for_one_and_for_three(app, npo, judges, office):
    client, counts = sign_in(app.test_client(), judges[0]), []
    for more in (1, 2):
        for _one in range(more):
            text = records.proposal(npo, status=Status.ACCEPTED)
            assigned(text, judges[0], office=office)
        with counted_queries() as sent:
            client.get("/panel")
        counts.append(len(sent))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("address", ["/panel/assignments", "/panel/assignments/standing?each=1"])
def test_the_offices_lists_cost_the_same_for_one_and_for_three(office_client, npo, judges, office, address):
    counts = []
    for more in (1, 2):
        for _one in range(more):
            text = records.proposal(npo, status=Status.ACCEPTED)
            rows = assigned(text, judges[0], office=office)
            declared(*rows)
            scored(rows[0], 4)
        db.session.expire_all()
        with counted_queries() as sent:
            office_client.get(address)
        counts.append(len(sent))

    assert counts[0] == counts[1]


def test_the_office_lets_the_machine_propose_and_saves_by_hand(office_client, proposal, judges):
    address = "/panel/assignments/standing"
    proposed = office_client.get(f"{address}?each=2")
    pairs = [box["value"] for box in parse(proposed.text).select("input[name=pair][checked]")]
    assert len(pairs) == 2
    assert db.session.query(PanelAssignment).count() == 0

    values = field_values(proposed.text)
    assert office_client.post(address, data={**values, "pair": pairs}).status_code == 303
    assert panel.current_pairs([proposal]) == {tuple(map(int, pair.split("-"))) for pair in pairs}


def test_a_judge_who_is_suspended_keeps_their_column_until_taken_off(office_client, proposal, judges, office):
    assigned(proposal, judges[0], office=office)
    with transaction():
        judges[0].suspended_at = clock.now()
    address = "/panel/assignments/standing"
    values = opened(office_client, address)
    assert values["pair"] == [f"{judges[0].id}-{proposal.id}"]

    more = [*values["pair"], f"{judges[1].id}-{proposal.id}"]
    assert office_client.post(address, data={**values, "pair": more}).status_code == 303
    assert panel.current_pairs([proposal]) == {(judges[0].id, proposal.id), (judges[1].id, proposal.id)}


def test_a_table_that_is_no_longer_true_comes_back_with_its_ticks(office_client, proposal, judges, office):
    address = "/panel/assignments/standing"
    values = opened(office_client, address)
    assigned(proposal, judges[1], office=office)

    answer = office_client.post(address, data={**values, "pair": [f"{judges[0].id}-{proposal.id}"]})
    assert answer.status_code == 409
    assert "ほかの人が先に割り当てを変えました" in main_text(answer.text)
    assert parse(answer.text).select_one(f"#pair-{judges[0].id}-{proposal.id}").has_attr("checked")


def test_a_reason_that_is_too_long_stays_with_the_ticks(office_client, proposal, judges):
    pair = f"{judges[0].id}-{proposal.id}"
    answer = office_client.post("/panel/assignments/standing", data={"pair": pair, "reason": "長" * 2001, "seen": ""})

    assert answer.status_code == 422
    assert parse(answer.text).select_one(f"#pair-{pair}").has_attr("checked")


@pytest.mark.parametrize("scope", ["R8-C9", "nowhere"])
def test_a_call_that_is_not_there_has_no_table(office_client, scope):
    assert office_client.get(f"/panel/assignments/{scope}").status_code == 404


def test_an_affiliation_recuses_at_once_and_shows_in_the_table(office_client, proposal, judges):
    form = {"judge_id": str(judges[0].id), "kind": "employer", "name": "みえ子ども応援団", "division_id": ""}
    assert office_client.post("/panel/members", data=form).status_code == 303

    assert [row.user_id for row in db.session.query(Recusal)] == [judges[0].id]
    table = parse(office_client.get("/panel/assignments/standing").text)
    assert table.select_one(f"#pair-{judges[0].id}-{proposal.id}") is None
    assert "利害関係：" in table.get_text()


def test_an_affiliation_names_an_organisation_or_a_division(office_client, judges):
    answer = office_client.post("/panel/members", data={"judge_id": str(judges[0].id), "kind": "employer"})

    assert answer.status_code == 422
    assert set(errors_beside_fields(answer.text)) == {"name"}


def test_the_daily_command_writes_ties_down_that_appeared_since(app, proposal, judges, office):
    from matchmaker.accounts.models import Membership

    with transaction():
        db.session.add(
            Membership(
                user_id=judges[0].id,
                organisation_id=proposal.organisation_id,
                joined_at=records.LONG_AGO,
                ended_at=records.LONG_AGO,
            )
        )
    db.session.expire_all()

    assert "1 pairs" in app.test_cli_runner().invoke(args=["panel", "check-ties"]).output
    assert [row.user_id for row in db.session.query(Recusal)] == [judges[0].id]


def test_the_figures_page_marks_who_stands_apart_in_words(office_client, proposal, judges, office):
    rows = assigned(proposal, *judges, office=office)
    declared(*rows)
    for row, score in zip(rows, (4, 4, 1), strict=True):
        scored(row, score)

    page = parse(office_client.get(f"/panel/{proposal.number}/scores").text)
    foot = " ".join(page.select_one("tfoot").get_text(" ").split())
    assert foot == "合計 80.0 80.0 20.0 離れている 60.0 80.0 60.0"
    assert "採点表の提出：3/3" in page.get_text()


def test_the_office_records_what_it_learned_and_takes_a_mistake_back(office_client, proposal, judges, office):
    [row] = assigned(proposal, judges[0], office=office)
    declared(row)
    scored(row, 4)
    number = proposal.number
    values = {"recuse-judge_id": str(judges[0].id), "recuse-kind": "family", "recuse-words": "妹が理事です。"}
    assert office_client.post(f"/panel/{number}/recuse", data=values).status_code == 303
    [recusal] = db.session.query(Recusal).all()
    page = main_text(office_client.get(f"/panel/{number}/scores").text)
    assert "集計から除外" in page

    lift = f"/panel/{number}/recusals/{recusal.id}/lift"
    refused = office_client.post(lift, data={f"lift-{recusal.id}-reason": ""})
    assert refused.status_code == 422
    assert office_client.post(lift, data={f"lift-{recusal.id}-reason": "人ちがい。"}).status_code == 303
    assert office_client.post(lift, data={f"lift-{recusal.id}-reason": "もう一度。"}).status_code == 409


def minutes(judges, **more):
    return {
        "outcome": "adopt",
        "held_on": clock.today().isoformat(),
        "chair": "議長 一郎",
        "present": [str(one.id) for one in judges],
        "quorum": "2",
        "seen": "0",
        "reason": "新しい協働の形と認めた。",
        "reason_1": "課題のとらえ方がよい。",
        f"dissent_{judges[0].id}": "費用に無理がある。",
        **more,
    }


def test_the_office_records_the_meeting_and_the_review_page_shows_it(office_client, proposal, judges, office):
    declared(*assigned(proposal, *judges, office=office))
    with transaction():
        proposal.status = Status.PRESENTED
    answer = office_client.post(f"/panel/{proposal.number}/decision", data=minutes(judges))

    assert (answer.status_code, answer.location) == (303, f"/review/{proposal.number}")
    assert proposal.status is Status.SCORED
    text = main_text(office_client.get(answer.location).text)
    assert "審査会の判断： 採択" in text
    assert "反対の意見が1件あります。" in text


def test_finished_proposals_stay_on_record_and_in_the_workbook(office_client, proposal, judges, office):
    declared(*assigned(proposal, judges[0], office=office))
    with transaction():
        proposal.status = Status.ADOPTED

    assert proposal.number not in main_text(office_client.get("/panel/assignments").text)
    assert proposal.number in main_text(office_client.get("/panel/assignments?show=all").text)
    export = office_client.get("/panel/assignments/standing/export.xlsx").data
    assert proposal.number in zipfile.ZipFile(io.BytesIO(export)).read("xl/sharedStrings.xml").decode()


def test_a_finished_proposal_waits_for_no_judge(proposal, judges, office):
    assigned(proposal, judges[0], office=office)
    assert [item.number for item in panel.waiting_for(judges[0])] == [proposal.number]
    with transaction():
        proposal.status = Status.ADOPTED

    assert panel.waiting_for(judges[0]) == []


def test_a_judge_recused_after_the_meeting_is_marked_there(office_client, proposal, judges, office):
    declared(*assigned(proposal, *judges, office=office))
    with transaction():
        panel_decisions.record(proposal, meeting(proposal, *judges), seen=0, actor=office, at=clock.now())
    with transaction():
        panel.office_recusal(proposal, judges[1], kind=TieKind.OTHER, words="元の同僚", actor=office, at=clock.now())

    text = main_text(office_client.get(f"/panel/{proposal.number}/scores").text)
    assert "委員 一、委員 二（のちに回避）、委員 三" in text


def test_a_meeting_that_does_not_hold_keeps_its_minutes_on_the_page(office_client, proposal, judges, office):
    declared(*assigned(proposal, *judges, office=office))
    address = f"/panel/{proposal.number}/decision"
    few = office_client.post(address, data=minutes(judges, present=[str(judges[0].id)]))
    assert few.status_code == 409
    assert "定足数の2人に足りません" in main_text(few.text)
    assert field_values(few.text)["reason"] == ["新しい協働の形と認めた。"]
    assert db.session.query(PanelDecision).count() == 0

    empty = office_client.post(address, data={})
    assert empty.status_code == 422
    assert set(errors_beside_fields(empty.text)) == {"outcome", "held_on", "chair", "present", "quorum", "reason"}


def test_the_office_goes_on_without_a_meeting_only_with_a_reason(office_client, proposal):
    with transaction():
        proposal.status = Status.SHORTLISTED
    address = f"/panel/{proposal.number}/decision/none"
    assert office_client.post(address, data={"without-reason": " "}).status_code == 422
    assert office_client.post(address, data={"without-reason": "書面でまとまった。"}).status_code == 303
    assert proposal.status is Status.SCORED
    assert office_client.post(address, data={"without-reason": "もう一度。"}).status_code == 409


def test_a_judge_who_came_to_run_the_review_reads_no_others_before_their_own(app, proposal, judges, office):
    first, second = assigned(proposal, judges[0], judges[1], office=office)
    declared(first, second)
    scored(second, 5)
    with transaction():
        db.session.add(StaffRole(user_id=judges[0].id, role=Role.NPO_OFFICE, granted_at=clock.now()))
    db.session.expire_all()
    client = sign_in(app.test_client(), judges[0])

    assert client.get(f"/panel/{proposal.number}/scores").status_code == 403
    assert client.get(f"/review/{proposal.number}").status_code == 403
    export = client.get("/panel/assignments/standing/export.xlsx").data
    assert proposal.number not in zipfile.ZipFile(io.BytesIO(export)).read("xl/sharedStrings.xml").decode()
    scored(first, 4)
    assert client.get(f"/panel/{proposal.number}/scores").status_code == 200
    assert client.get(f"/review/{proposal.number}").status_code == 200


def test_the_approver_reads_the_figures_and_records_nothing(approver_client, proposal):
    assert approver_client.get(f"/panel/{proposal.number}/scores").status_code == 200
    assert "審査会の判断を記録する" not in approver_client.get(f"/panel/{proposal.number}/scores").text
    assert approver_client.get(f"/panel/{proposal.number}/decision").status_code == 403


def test_the_workbook_holds_every_sheet_and_no_formula(office_client, proposal, judges, office):
    from matchmaker.review import score_sheets
    from tests.support.panelling import given

    rows = assigned(proposal, *judges[:2], office=office)
    declared(*rows)
    scored(rows[0], 5)
    with transaction():
        score_sheets.submit(
            rows[1],
            given(proposal, 3, reason='=HYPERLINK("http://example.com","押す")'),
            comment="+1",
            opened_as=0,
            actor=judges[1],
            at=clock.now(),
        )
    with transaction():
        panel_decisions.record(proposal, meeting(proposal, *judges[:2]), seen=0, actor=office, at=clock.now())
    answer = office_client.get("/panel/assignments/standing/export.xlsx")

    book = zipfile.ZipFile(io.BytesIO(answer.data))
    texts = book.read("xl/sharedStrings.xml").decode()
    sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert len(sheets) == 4
    assert "=HYPERLINK(" in texts
    assert not any("<f>" in one or "<hyperlink" in one for one in sheets)
    for expected in (
        "委員 一",
        "委員 二",
        "新しい協働の形と認めた。",
        "利害関係もないことを申告します",
        proposal.number,
    ):
        assert expected in texts


@pytest.fixture
def day(npo, office) -> PresentationDay:
    texts = [records.proposal(npo, status=Status.SHORTLISTED, title=f"提案 {number}") for number in (1, 2)]
    starts_at = datetime(2027, 9, 5, 13, 0, tzinfo=JAPAN)
    with transaction():
        made = presentation.plan(
            presentation.DayFacts("公開プレゼンテーション", "アスト津", starts_at, Lengths()),
            actor=office,
            at=clock.now(),
        )
        presentation.place(made, texts, actor=office, at=clock.now())
    return made


def test_a_day_is_not_there_before_it_is_published(client, office_client, day):
    assert client.get(f"/presentations/{day.id}").status_code == 404
    assert "予定は、いまはありません" in main_text(client.get("/presentations").text)
    assert office_client.get(f"/presentations/{day.id}").status_code == 200

    office_client.post(f"/presentations/{day.id}/publish")
    text = main_text(client.get(f"/presentations/{day.id}").text)
    assert "13時00分 から 提案 1" in text
    assert "13時25分 から 提案 2" in text


def test_questions_are_read_by_everybody_after_their_release(client, office_client, day):
    slot = day.slots[0]
    note = {
        f"slot-{slot.id}-asked_by": "floor",
        f"slot-{slot.id}-asker": "津 太郎",
        f"slot-{slot.id}-question": "続けますか。",
    }
    assert office_client.post(f"/presentations/{day.id}/slots/{slot.id}/note", data=note).status_code == 303
    office_client.post(f"/presentations/{day.id}/publish")
    assert "続けますか。" not in client.get(f"/presentations/{day.id}").text

    office_client.post(f"/presentations/{day.id}/release-questions")
    text = main_text(client.get(f"/presentations/{day.id}").text)
    assert "質問（会場） 続けますか。" in text
    assert "津 太郎" not in text


def test_the_timekeeper_goes_through_a_slot_with_plain_buttons(office_client, day):
    address, slot = f"/presentations/{day.id}/timekeeper", day.slots[0]
    page = parse(office_client.get(address).text)
    assert page.h1.get_text(strip=True) == "つぎの発表"
    assert "13時00分から" in page.get_text()
    headings = []
    for what in ("start", "questions", "held"):
        office_client.post(f"/presentations/{day.id}/slots/{slot.id}/{what}")
        headings.append(parse(office_client.get(address).text).h1.get_text(strip=True))

    assert headings == ["発表", "質疑", "つぎの発表"]
    assert slot.proposal.status is Status.PRESENTED


def test_a_second_screen_hears_of_the_change(office_client, day):
    before = office_client.get(f"/presentations/{day.id}/timekeeper/state").json["mark"]
    office_client.post(f"/presentations/{day.id}/slots/{day.slots[0].id}/start")
    page = parse(office_client.get(f"/presentations/{day.id}/timekeeper").text).select_one("[data-timekeeper]")

    after = office_client.get(f"/presentations/{day.id}/timekeeper/state").json["mark"]
    assert before != after == page["data-mark"]
    assert datetime.fromisoformat(page["data-ends-at"]) - datetime.fromisoformat(page["data-now"]) <= timedelta(
        minutes=10
    )


def test_an_absent_presenter_is_recorded_with_a_reason(client, office_client, day):
    slot = day.slots[0]
    address = f"/presentations/{day.id}/slots/{slot.id}/drop"
    assert office_client.post(address, data={f"drop-{slot.id}-state": "no-show"}).status_code == 422
    data = {f"drop-{slot.id}-state": "no-show", f"drop-{slot.id}-reason": "電車が止まった。"}
    assert office_client.post(address, data=data).status_code == 303
    office_client.post(f"/presentations/{day.id}/publish")

    text = main_text(client.get(f"/presentations/{day.id}").text)
    assert "欠席" in text
    assert "電車が止まった。" not in text


def test_the_office_plans_a_day_fills_it_and_ends_it(office_client, npo):
    text = records.proposal(npo, status=Status.SHORTLISTED)
    form = opened(office_client, "/presentations/new")
    assert (form["talk"], form["questions"], form["changeover"]) == (["10"], ["10"], ["5"])
    wrong = office_client.post(
        "/presentations/new", data={**form, "starts": "25時", "held_on": "2027-09-05", "title": "x"}
    )
    assert set(errors_beside_fields(wrong.text)) == {"starts"}

    made = office_client.post(
        "/presentations/new", data={**form, "title": "発表会", "held_on": "2027-09-05", "starts": "１３：３０"}
    )
    day_id = int(made.location.split("/")[2])
    assert text.title in main_text(office_client.get(made.location).text)
    office_client.post(f"/presentations/{day_id}/slots", data={"proposal": text.number})
    office_client.post(f"/presentations/{day_id}/draw")
    office_client.post(f"/presentations/{day_id}/held")
    assert text.status is Status.PRESENTED
    local = db.session.get(PresentationDay, day_id).starts_at.astimezone(JAPAN)
    assert local.strftime("%Y-%m-%d %H:%M") == "2027-09-05 13:30"


def test_attendance_of_divisions_is_kept(office_client, day, division_staff):
    data = {"attendance-division_id": str(division_staff.division.id), "attendance-people": "３"}
    assert office_client.post(f"/presentations/{day.id}/attendance", data=data).status_code == 303

    assert f"{division_staff.division.name}：3人" in main_text(
        office_client.get(f"/presentations/{day.id}/manage").text
    )


def test_a_proposal_without_a_slot_is_recorded_as_presented_by_its_page(office_client, npo):
    text = records.proposal(npo, status=Status.SHORTLISTED)
    assert office_client.post(f"/panel/{text.number}/presentation").status_code == 303
    assert text.status is Status.PRESENTED
    assert office_client.post(f"/panel/{text.number}/presentation").status_code == 409
    assert "発表の記録はできません" in main_text(office_client.get(f"/panel/{text.number}/presentation").text)


def test_the_work_of_a_judge_is_on_their_work_page(assignment, judge_client):
    text = main_text(judge_client.get("/work").text)

    assert assignment.proposal.number in text
    assert "先に、利害関係の有無を申告してください。" in text


def test_nobody_but_those_who_know_sees_a_recused_managers_slot(office_client, office, day):
    with transaction():
        panel.office_recusal(
            day.slots[0].proposal,
            office,
            kind=TieKind.FAMILY,
            words="家族です。",
            actor=office,
            at=clock.now(),
        )
    slot = day.slots[0].id

    assert "提案 1" not in main_text(office_client.get(f"/presentations/{day.id}/manage").text)
    assert "提案 1" not in main_text(office_client.get(f"/presentations/{day.id}/timekeeper").text)
    assert office_client.post(f"/presentations/{day.id}/slots/{slot}/start").status_code == 404
    assert db.session.get(PresentationSlot, slot).talk_started_at is None


def test_a_suspended_judge_is_given_nothing(proposal, judges):
    with transaction():
        judges[0].suspended_at = clock.now()

    assert judges[0].id not in {one.id for one in panel.list_judges()}
    assert judge("委員 四").id in {one.id for one in panel.list_judges()}


def planned_days(count: int, office) -> None:
    lengths = Lengths()
    for number in range(count):
        starts_at = datetime(2027, 9, 5, 13, 0, tzinfo=JAPAN) + timedelta(days=number)
        facts = presentation.DayFacts(f"発表の日 {number + 1}", "アスト津", starts_at, lengths)
        with transaction():
            presentation.plan(facts, actor=office, at=clock.now())


def test_the_days_of_presentation_have_pages_at_a_fixed_cost(office_client, office):
    planned_days(1, office)
    with counted_queries() as one:
        office_client.get("/presentations")
    planned_days(20, office)
    with counted_queries() as many:
        pages = [parse(office_client.get("/presentations").text)]
    pages += [parse(office_client.get(f"/presentations?page={page}").text) for page in (2, 9)]

    assert len(one) == len(many)
    assert [len(page.select("main .card")) for page in pages] == [20, 1, 1]


def test_the_judges_have_pages_and_one_comes_back_to_the_page_it_acted_on(office_client, office):
    people = [records.staff(Role.PANEL, name=f"委員 {number:02d}") for number in range(21)]
    names = [heading.get_text() for heading in parse(office_client.get("/panel/members?page=2").text).select("main h2")]
    form = {"judge_id": str(people[20].id), "kind": "employer", "name": "みえ大学", "division_id": ""}

    answer = office_client.post("/panel/members?page=2", data=form)

    assert names == ["委員 20", "所属を加える"]
    assert answer.headers["Location"] == "/panel/members?page=2"
    ending = parse(office_client.get("/panel/members?page=2").text).select_one("form.post-button[action*=affiliations]")
    ended = office_client.post(ending["action"], data={"page": ending.select_one("[name=page]")["value"]})
    assert ended.headers["Location"] == "/panel/members?page=2"
