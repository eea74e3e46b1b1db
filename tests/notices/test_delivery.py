"""The outbox: each mail at most once, later when it failed, and nothing smuggled into a header."""

import smtplib
import socketserver
import threading
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.notices import delivery
from matchmaker.notices.delivery import NotSent, Result, ResultUnknown, Smtp
from matchmaker.notices.models import Notice

SENDER = "no-reply@example.jp"


def _queue(session, **values):
    at = clock.now() - timedelta(minutes=1)
    defaults = {
        "kind": "confirm-email",
        "to_email": "hanako@example.jp",
        "subject": "【協創マッチング】メールアドレスの確認",
        "body": "鈴木花子 様\n\nhttp://localhost/sign-up/confirm/x\n",
        "queued_at": at,
        "next_try_at": at,
    }
    with transaction():
        notice = Notice(**(defaults | values))
        session.add(notice)
    return notice


class _Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that speaks just enough SMTP; ``refuses`` is its answer to the text of a mail."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, refuses=b"", hangs_up=False):
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received, self.refuses, self.hangs_up = [], refuses, hangs_up

    @property
    def carrier(self):
        return Smtp("127.0.0.1", self.server_address[1], "", "")


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            verb = line.strip().upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                if self.server.hangs_up:
                    return
                if not self.server.refuses:
                    self.server.received.append(text)
                self.wfile.write(self.server.refuses or b"250 taken\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mailbox():
    servers = []

    def start(**values):
        server = _Mailbox(**values)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_due_mail_travels_whole_and_only_once(session, mailbox):
    notice = _queue(session)
    server = mailbox()

    assert delivery.send_due(server.carrier, sender=SENDER)[Result.SENT] == 1
    assert delivery.send_due(server.carrier, sender=SENDER)[Result.SENT] == 0

    [received] = [message_from_bytes(text, policy=default) for text in server.received]
    assert (received["To"], received["Subject"]) == (notice.to_email, notice.subject)
    assert received["From"] == f"協創マッチング <{SENDER}>"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received.get_content().splitlines() == notice.body.splitlines()
    session.refresh(notice)
    assert (notice.sent_at is not None, notice.claimed_at, notice.tries) == (True, None, 1)


def test_a_mail_that_one_can_stop_says_so_to_mail_programs_in_one_piece(session):
    notice = _queue(session)
    address = f"https://kyoso.example.jp/alerts/unsubscribe/{'WzEsMV0' * 9}.{'x' * 43}"
    with transaction():
        notice.unsubscribe_url = address
    sent = delivery.message_of(notice, sender=SENDER).as_bytes()
    assert f"\r\nList-Unsubscribe: <{address}>\r\n".encode() in sent
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in sent
    assert message_from_bytes(sent, policy=default)["Subject"] == notice.subject


def test_one_click_is_not_promised_over_an_open_line_nor_for_other_mails(session):
    notice = _queue(session)
    assert delivery.message_of(notice, sender=SENDER)["List-Unsubscribe"] is None
    with transaction():
        notice.unsubscribe_url = "http://localhost/alerts/unsubscribe/x"
    message = delivery.message_of(notice, sender=SENDER)
    assert message["List-Unsubscribe"] == "<http://localhost/alerts/unsubscribe/x>"
    assert message["List-Unsubscribe-Post"] is None


def test_a_mail_that_is_not_due_waits(session, mailbox):
    _queue(session, next_try_at=clock.now() + timedelta(hours=1))

    assert delivery.send_due(mailbox().carrier, sender=SENDER)[Result.SENT] == 0


def test_a_refused_mail_is_tried_after_growing_pauses_and_then_given_up(session, mailbox):
    notice = _queue(session)
    carrier = mailbox(refuses=b"451 hanako@example.jp is busy\r\n").carrier
    pauses = []
    for _number in range(5):
        before = clock.now()
        assert delivery.send_due(carrier, sender=SENDER)[Result.LATER] == 1
        session.refresh(notice)
        pauses.append(round((notice.next_try_at - before).total_seconds() / 60))
        with transaction():
            notice.next_try_at = clock.now() - timedelta(seconds=1)

    assert pauses == [1, 5, 30, 120, 720]
    assert delivery.send_due(carrier, sender=SENDER)[Result.GIVEN_UP] == 1
    session.refresh(notice)
    assert (notice.given_up_at is not None, notice.tries, notice.claimed_at) == (True, 6, None)
    assert notice.last_error == "SMTPDataError 451"
    assert delivery.send_due(carrier, sender=SENDER) == dict.fromkeys(Result, 0)


def test_a_server_that_cannot_be_reached_is_tried_later(session):
    notice = _queue(session)
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as free:
        port = free.server_address[1]

    assert delivery.send_due(Smtp("127.0.0.1", port, "", ""), sender=SENDER)[Result.LATER] == 1
    session.refresh(notice)
    assert notice.last_error == "ConnectionRefusedError"


def test_a_line_lost_after_the_text_leaves_the_mail_for_a_person_to_decide(session, mailbox):
    notice = _queue(session)

    assert delivery.send_due(mailbox(hangs_up=True).carrier, sender=SENDER)[Result.UNKNOWN] == 1

    session.refresh(notice)
    assert (notice.claimed_at is not None, notice.sent_at) == (True, None)
    assert delivery.send_due(mailbox().carrier, sender=SENDER)[Result.SENT] == 0


def test_a_sender_that_dies_while_sending_never_leads_to_a_second_mail(session):
    notice = _queue(session)

    def dies(_message):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delivery.send_due(dies, sender=SENDER)

    sent = []
    assert delivery.send_due(sent.append, sender=SENDER)[Result.SENT] == 0
    assert [one.id for one in delivery.list_open()] == [notice.id]
    with transaction():
        delivery.put_back(notice, at=clock.now() - timedelta(seconds=1))
    assert delivery.send_due(sent.append, sender=SENDER)[Result.SENT] == 1


def test_a_waiting_mail_cannot_be_put_back(session):
    notice = _queue(session)

    with pytest.raises(delivery.NotAfterUnknown), transaction():
        delivery.put_back(notice, at=clock.now())


def test_two_senders_at_once_send_each_mail_once(app, session):
    for number in range(10):
        _queue(session, to_email=f"person{number}@example.jp")
    sent = []

    def send():
        with app.app_context():
            delivery.send_due(lambda message: sent.append(message["To"]), sender=SENDER)

    threads = [threading.Thread(target=send) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(sent) == sorted(f"person{number}@example.jp" for number in range(10))


def test_one_failing_mail_does_not_hold_the_others_back(session):
    _queue(session, to_email="first@example.jp")
    _queue(session, to_email="second@example.jp")

    def carrier(message):
        if message["To"] == "first@example.jp":
            raise NotSent("no")

    counts = delivery.send_due(carrier, sender=SENDER)

    assert (counts[Result.SENT], counts[Result.LATER]) == (1, 1)


@pytest.mark.parametrize("smuggled", ["\r\nBcc: all@example.jp", "\nBcc: all@example.jp", "\r\n\r\ntext"])
@pytest.mark.parametrize("header", ["subject", "to_email"])
def test_a_line_end_in_a_header_is_never_sent(session, header, smuggled):
    notice = _queue(session, **{header: f"hanako@example.jp{smuggled}"})
    sent = []

    assert delivery.send_due(sent.append, sender=SENDER)[Result.GIVEN_UP] == 1

    assert sent == []
    session.refresh(notice)
    assert notice.given_up_at is not None


def test_a_password_is_not_sent_over_an_open_line(session, mailbox):
    port = mailbox().server_address[1]

    with pytest.raises(NotSent, match="no encryption"):
        Smtp("127.0.0.1", port, "user", "secret")(delivery.message_of(_queue(session), sender=SENDER))


def test_a_silent_end_counts_as_unknown(session, mailbox):
    message = delivery.message_of(_queue(session), sender=SENDER)

    with pytest.raises(ResultUnknown, match=smtplib.SMTPServerDisconnected.__name__):
        mailbox(hangs_up=True).carrier(message)


def _run(app, *arguments):
    return app.test_cli_runner().invoke(args=["notices", *arguments])


def test_without_a_mail_server_the_command_prints_the_mails(app, session):
    _queue(session)

    result = _run(app, "send")

    assert result.exit_code == 0
    assert "To: hanako@example.jp\nSubject: 【協創マッチング】メールアドレスの確認\n\n鈴木花子 様" in result.output
    assert result.output.endswith("1 sent, 0 later, 0 given up, 0 unknown\n")
    assert _run(app, "send").output == "0 sent, 0 later, 0 given up, 0 unknown\n"


def test_the_command_lists_what_is_left_without_addresses(app, session):
    notice = _queue(session)
    _queue(session, claimed_at=clock.now(), tries=1)

    result = _run(app, "list")

    assert [line.split("\t")[1].split(" ")[0] for line in result.output.splitlines()] == ["due", "result"]
    assert "@" not in result.output
    assert (_run(app, "retry", str(notice.id)).exit_code, _run(app, "retry", "999999").exit_code) == (2, 2)
    assert _run(app, "retry", str(notice.id + 1)).exit_code == 0
    assert session.scalars(select(Notice.claimed_at)).all() == [None, None]


def test_the_demonstration_shows_its_mails_with_working_links(app, client, session, monkeypatch):
    _queue(session)

    page = client.get("/outbox")

    assert '<a href="/sign-up/confirm/x">http://localhost/sign-up/confirm/x</a>' in page.text
    assert "送られるはずのメールを見る" in client.get("/mail-sent/sign-up").text
    monkeypatch.setitem(app.config, "ALLOWS_DEMO", False)
    assert client.get("/outbox").status_code == 404
    assert "送られるはずのメールを見る" not in client.get("/mail-sent/sign-up").text
