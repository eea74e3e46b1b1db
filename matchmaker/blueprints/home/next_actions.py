"""What a person does next: for visitors by audience, for people who signed in by role and by what waits for them."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.introductions import exposure_plan
from matchmaker.permissions.grants import Permission, Role
from matchmaker.proposals import queries as proposals
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.work import work_of


@dataclass(frozen=True, slots=True)
class NextAction:
    """A way in: ``action`` are the words on its button."""

    title: str
    text: str
    action: str
    url: str


def actions_of_visitors() -> list[NextAction]:
    """One way in for each of the three audiences."""
    return [
        NextAction(
            _("NPO・市民活動団体の方"),
            _("地域の課題と、いっしょに解決したい相手を書いて提案します。2画面の入力で、合う企業が見つかります。"),
            _("提案をはじめる"),
            url_for("accounts.sign_up_side", side="npo"),
        ),
        NextAction(
            _("企業の方"),
            _("5つの質問に答えると、合う提案が点数と理由つきで並びます。「まだ決まっていない」でも始められます。"),
            _("関心を登録する"),
            url_for("accounts.sign_up_side", side="company"),
        ),
        NextAction(
            _("県民の方"),
            _("どんな提案があり、県がどう決め、どんな事業になったか、指標の数のもとまで見られます。"),
            _("公開されている提案を見る"),
            url_for("proposals.list"),
        ),
    ]


def actions_of(user: User) -> list[NextAction]:
    """What waits for the person, and then the ways in of their roles."""
    found = [_work(user)]
    if Role.NPO in user.roles:
        found += [_own_proposals(user), _introductions(), _new_proposal(), _talks()]
    if Role.COMPANY in user.roles:
        found += [_own_interests(), _introductions(), _open_proposals()]
    if user.may(Permission.REVIEW_READ):
        found.append(_review())
    if user.may(Permission.CIRCULATION_ANSWER):
        found.append(_circulation())
    if user.may(Permission.CALL_EDIT):
        found.append(_calls())
    if user.may(Permission.CONSULTATION_MANAGE):
        found.append(_slots())
    if user.may(Permission.PROXY_ENTER):
        found.append(_proxy())
    if user.may(Permission.ORGANISATION_VERIFY):
        found.append(_verification())
    if user.may(Permission.EXPOSURE_MANAGE):
        found.append(_exposure())
    if user.may(Permission.PROJECT_REPORT):
        found.append(_reports(user))
    if user.may(Permission.ACCOUNT_MANAGE):
        found.append(_accounts())
    return found


def _work(user: User) -> NextAction:
    work = work_of(user, on=clock.today())
    late = sum(one.is_overdue for one in work)
    text = _waiting(len(work), _("あなたを待っているもの"))
    if late:
        text += _("そのうち%(count)s件は期限を過ぎています。", count=late)
    return NextAction(_("わたしの仕事"), text, _("わたしの仕事を見る"), url_for("work.queue"))


def _own_proposals(user: User) -> NextAction:
    drafts = [proposal.status for proposal in proposals.list_own(user)].count(ProposalStatus.DRAFT)
    text = _("提案の公開、提出、審査の状況を確かめられます。")
    if drafts:
        text = _("下書きの提案が%(count)s件あります。続きから書けます。", count=drafts)
    return NextAction(_("わたしたちの提案"), text, _("提案を見る"), url_for("proposals.mine"))


def _new_proposal() -> NextAction:
    text = _("2画面の入力で、合う企業が見つかります。")
    return NextAction(_("新しい提案"), text, _("提案をつくる"), url_for("proposals.new"))


def _own_interests() -> NextAction:
    text = _("合う提案を、点数と理由つきで見られます。")
    return NextAction(_("わたしたちの関心"), text, _("関心と合う提案を見る"), url_for("interests.mine"))


def _open_proposals() -> NextAction:
    text = _("分野や地域をえらんで、提案をさがせます。")
    return NextAction(_("公開されている提案"), text, _("提案をさがす"), url_for("proposals.list"))


def _introductions() -> NextAction:
    text = _("相手に会いたいという依頼と、その返事を見られます。")
    return NextAction(_("紹介の依頼"), text, _("依頼を見る"), url_for("introductions.list"))


def _circulation() -> NextAction:
    text = _("NPO担当課があなたの課の意見を聞いている提案を読んで、返事をします。")
    return NextAction(_("回付された提案"), text, _("回付された提案を見る"), url_for("circulation.list"))


def _review() -> NextAction:
    text = _("提出された提案のすべてと、審査の状況を見られます。")
    return NextAction(_("審査"), text, _("審査の一覧を見る"), url_for("review.queue"))


def _calls() -> NextAction:
    text = _("募集の内容、審査基準、日程を決めて、募集を始める前に公表します。")
    return NextAction(_("募集"), text, _("募集を管理する"), url_for("calls.list"))


def _slots() -> NextAction:
    text = _("募集の前にNPOと話す時間を出して、話したことを記録します。")
    return NextAction(_("事前意見交換"), text, _("枠と申し込みを見る"), url_for("consultations.slots"))


def _proxy() -> NextAction:
    text = _("紙や電話で受け取った提案を、団体の代わりに入力して、団体に確認してもらいます。")
    return NextAction(_("代理入力"), text, _("代わりに入力する"), url_for("proposals.proxy_list"))


def _talks() -> NextAction:
    text = _("提案を出す前に、県の担当者と話して、課題の見方をすり合わせられます。")
    return NextAction(_("事前意見交換"), text, _("空いている枠を見る"), url_for("consultations.list"))


def _verification() -> NextAction:
    text = _("登録された団体と企業を、公開する前に確認します。")
    return NextAction(_("団体の確認"), text, _("団体を確認する"), url_for("directory.verification_queue"))


def _exposure() -> NextAction:
    exposure_plan.ensure_plan(clock.today(), at=clock.now())
    alarms = exposure_plan.count_alarms(clock.today())
    text = _waiting(alarms.lost, _("企業に見てもらう約束を守れない提案"))
    if alarms.at_risk:
        text += _("ほかに、守れないおそれのある提案が%(count)s件あります。", count=alarms.at_risk)
    if alarms.total:
        return NextAction(_("提案の見られ方"), text, _("注意を見る"), url_for("introductions.exposure_alarms"))
    return NextAction(_("提案の見られ方"), text, _("見られ方を見る"), url_for("introductions.exposure"))


def _reports(user: User) -> NextAction:
    if user.may(Permission.PROJECT_CONFIRM):
        text = _("課から報告された事業を確認して、指標に数えます。")
        return NextAction(_("事業の報告"), text, _("報告を確認する"), url_for("projects.reports"))
    text = _("担当課がNPOといっしょに行う事業を報告します。")
    return NextAction(_("事業の報告"), text, _("報告する・報告を見る"), url_for("projects.reports"))


def _accounts() -> NextAction:
    text = _("県の職員の役割と、アカウントの停止を管理します。")
    return NextAction(_("アカウント"), text, _("アカウントを見る"), url_for("accounts.manage"))


def _waiting(count: int, what: str) -> str:
    if count:
        return _("%(what)sが%(count)s件あります。", what=what, count=count)
    return _("%(what)sは、いまはありません。", what=what)
