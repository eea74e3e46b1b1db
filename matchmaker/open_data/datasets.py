"""The datasets: their fields, where the rows come from, and how one row is read.

The list is closed. Nothing leaves through open data that no ``Field`` here names; a reader fills exactly the fields of
its dataset, and a guard test compares both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from matchmaker.directory.models import Organisation
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.indicators.ledger_models import CountDecision
from matchmaker.indicators.models import OfficialFigure
from matchmaker.open_data import readers
from matchmaker.open_data.fields import Field, FieldKind, Row
from matchmaker.projects.models import Project
from matchmaker.proposals.models import Proposal
from matchmaker.review.call_models import Call

AT_ONCE = 500
"""Rows that stand in memory while a whole dataset is written."""

TEXT, WHOLE, DATE, LIST, LINK = FieldKind.TEXT, FieldKind.WHOLE, FieldKind.DATE, FieldKind.LIST, FieldKind.LINK


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset. ``rows`` selects what is public; ``read`` makes one row; ``identity`` is an id as a condition."""

    key: str
    title: str
    description: str
    fields: tuple[Field, ...]
    rows: Callable[[], Select[Any]]
    read: Callable[[Any, str], Row]
    identity: Callable[[str], ColumnElement[bool]]

    def count(self) -> int:
        """Return how many rows there are."""
        return db.session.scalar(select(func.count()).select_from(self.rows().order_by(None).subquery())) or 0

    def page(self, number: int, size: int, base_url: str) -> Page[Row]:
        """Return one page; behind the last one it is empty."""
        statement = self.rows().limit(size).offset((number - 1) * size)
        items = [self.read(one, base_url) for one in db.session.scalars(statement).unique()]
        return Page(items=items, number=number, size=size, total=self.count())

    def find(self, identity: str, base_url: str) -> Row | None:
        """Return one row by its id."""
        found = db.session.scalars(self.rows().where(self.identity(identity))).unique().one_or_none()
        return self.read(found, base_url) if found is not None else None

    def every(self, base_url: str) -> Iterator[Row]:
        """Yield all rows, a few hundred in memory at a time."""
        for one in db.session.scalars(self.rows().execution_options(yield_per=AT_ONCE)):
            yield self.read(one, base_url)


def _row_id(asked: str) -> int:
    """The number in an id; -1, which no row has, for anything else."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else -1


ORGANISATIONS = Dataset(
    key="organisations",
    title="団体・企業",
    description="NPO担当課が確認した団体と企業です。担当者の名前や連絡先は入っていません。",
    fields=(
        Field("id", "番号", TEXT, "このサイトでの番号。変わりません。"),
        Field("name", "名称", TEXT),
        Field("name_kana", "名称_カナ", TEXT, may_be_empty=True),
        Field("side", "区分", TEXT, "npo：NPO、company：企業"),
        Field("legal_form", "団体の種類", TEXT, "コード。"),
        Field("legal_form_label", "団体の種類（名称）", TEXT),
        Field("corporate_number", "法人番号", TEXT, "国税庁の法人番号（13けた）。", may_be_empty=True),
        Field(
            "local_government_code", "全国地方公共団体コード", TEXT, "所在地の市区町村（6けた）。", may_be_empty=True
        ),
        Field("municipality", "地方公共団体名", TEXT, may_be_empty=True),
        Field("activity_fields", "活動の分野", LIST, "特定非営利活動促進法の別表の20分野のコード。"),
        Field("industry", "業種", TEXT, "日本標準産業分類の大分類の記号（企業だけ）。", may_be_empty=True),
        Field("website", "ホームページ", TEXT, may_be_empty=True),
        Field("verified_on", "県が確認した日", DATE, may_be_empty=True),
        Field("url", "URL", LINK),
    ),
    rows=readers.organisations,
    read=readers.organisation,
    identity=lambda asked: Organisation.number == asked,
)

PROPOSALS = Dataset(
    key="proposals",
    title="公開されている提案",
    description="NPOが公開している協働の提案です。公開していない項目は入っていません。",
    fields=(
        Field("id", "番号", TEXT, "提出前は D-、提出後は年度つきの番号。"),
        Field("title", "題名", TEXT),
        Field("organisation_id", "団体の番号", TEXT),
        Field("organisation", "団体の名称", TEXT),
        Field("stage", "段階", TEXT, "seeking、review、adopted、referred、rejected"),
        Field("issue", "解決したい社会課題", TEXT, may_be_empty=True),
        Field("beneficiaries", "だれのための事業か", TEXT, may_be_empty=True),
        Field("activity_fields", "活動の分野", LIST),
        Field(
            "place_codes", "実施する地域", LIST, "市区町村は6けた、県は2けた、県内の地域は「24:北勢」など、全国は00。"
        ),
        Field("starts_on", "開始日", DATE, may_be_empty=True),
        Field("ends_on", "終了日", DATE, may_be_empty=True),
        Field("open_until_on", "相手をさがす期限", DATE, may_be_empty=True),
        Field("needs", "必要なもの", LIST, "種類・内容・量をつないだ文。"),
        Field("submitted_on", "提出した日", DATE, may_be_empty=True),
        Field("url", "URL", LINK),
    ),
    rows=readers.proposals,
    read=readers.proposal,
    identity=lambda asked: or_(Proposal.number == asked, Proposal.draft_number == asked),
)

PROJECTS = Dataset(
    key="projects",
    title="協働事業",
    description="NPOと県などがいっしょに行う事業です。",
    fields=(
        Field("id", "番号", TEXT),
        Field("title", "事業の名称", TEXT),
        Field("proposal_id", "もとになった提案の番号", TEXT, may_be_empty=True),
        Field("status", "状態", TEXT, "コード。"),
        Field("status_label", "状態（名称）", TEXT),
        Field("form", "協働の形態", TEXT, "コード。決まっていないときは空。", may_be_empty=True),
        Field("form_label", "協働の形態（名称）", TEXT, may_be_empty=True),
        Field("partners", "いっしょに行う団体", LIST, "参加したときの名称。"),
        Field("divisions", "県の担当課", LIST),
        Field("starts_on", "開始日", DATE, may_be_empty=True),
        Field("ends_on", "終了日", DATE, may_be_empty=True),
        Field("budget_yen", "事業費（円）", WHOLE, may_be_empty=True),
        Field("url", "URL", LINK),
    ),
    rows=readers.projects,
    read=readers.project,
    identity=lambda asked: Project.number == asked,
)

FIGURES = Dataset(
    key="indicator-figures",
    title="指標の公式の数値",
    description="県の資料に書かれた目標と実績です。資料に書かれていない数は入っていません。",
    fields=(
        Field("id", "番号", TEXT),
        Field("indicator", "指標", TEXT, "コード。"),
        Field("indicator_title", "指標の名称", TEXT),
        Field("unit", "単位", TEXT),
        Field("fiscal_year", "年度", WHOLE, "年度が始まる年（西暦）。"),
        Field("fiscal_year_label", "年度（和暦）", TEXT),
        Field("measure", "種別", TEXT, "target：目標、actual：実績"),
        Field("value", "数値", FieldKind.NUMBER),
        Field("data_year", "データの年", TEXT, "年度とちがうとき。", may_be_empty=True),
        Field("source", "出典", TEXT),
        Field("entered_on", "登録した日", DATE, "同じ年度に2つあるときは、新しいほうが有効です。"),
        Field("url", "URL", LINK),
    ),
    rows=readers.figures,
    read=readers.figure,
    identity=lambda asked: OfficialFigure.id == _row_id(asked),
)

MEMBERS = Dataset(
    key="indicator-members",
    title="台帳で数えた事業の内訳",
    description="「NPOと県の連携・協働事業数」に数えた事業です。それぞれの年度の、いちばん新しい集計の内訳です。",
    fields=(
        Field("id", "番号", TEXT),
        Field("fiscal_year", "年度", WHOLE, "年度が始まる年（西暦）。"),
        Field("fiscal_year_label", "年度（和暦）", TEXT),
        Field("snapshot", "集計の番号", TEXT),
        Field("as_of", "集計の時点", FieldKind.MOMENT),
        Field("rule_version", "数え方の版", WHOLE),
        Field("project_id", "事業の番号", TEXT),
        Field("title", "事業の名称", TEXT, "集計のときの名称。"),
        Field("form", "協働の形態", TEXT, "コード。"),
        Field("partners", "相手", TEXT),
        Field("divisions", "県の担当課", TEXT),
        Field("starts_on", "開始日", DATE),
        Field("ends_on", "終了日", DATE),
        Field("reason", "数えた理由", TEXT),
        Field("url", "URL", LINK),
    ),
    rows=readers.members,
    read=readers.member,
    identity=lambda asked: CountDecision.id == _row_id(asked),
)

GRANTS = Dataset(
    key="grants",
    title="県が費用を出す事業（委託）",
    description="県がNPOに委託し、契約などの手続きがすんだ協働事業と、合意した事業費です。"
    "補助と負担金の事業は、県が出す額を公表していないため入っていません。解消した事業も入っていません。",
    fields=(
        Field("id", "番号", TEXT, "協働事業の番号。"),
        Field("title", "事業の名称", TEXT),
        Field("description", "内容", TEXT, may_be_empty=True),
        Field("amount_yen", "事業費（円）", WHOLE, "合意した額。県が支払った額とはちがうことがあります。"),
        Field("agreed_on", "合意した日", DATE, "委託の形で行うことに合意した日。"),
        Field("starts_on", "開始日", DATE),
        Field("ends_on", "終了日", DATE),
        Field(
            "recipient_ids",
            "委託を受けた団体の識別子",
            LIST,
            "法人番号があるときは JP-JCN-（法人番号）、ないときは県の識別子に団体の番号か名称をつないだもの。",
        ),
        Field("recipients", "委託を受けた団体", LIST, "参加したときの名称。識別子と同じ順。"),
        Field("divisions", "県の担当課", LIST),
        Field("url", "URL", LINK),
    ),
    rows=readers.grants,
    read=readers.grant,
    identity=lambda asked: Project.number == asked,
)

CALLS = Dataset(
    key="calls",
    title="協働事業の募集",
    description="県が公表した募集です。中止した募集も、理由といっしょに残ります。",
    fields=(
        Field("id", "番号", TEXT),
        Field("title", "名前", TEXT),
        Field("fiscal_year", "年度", WHOLE, "年度が始まる年（西暦）。"),
        Field("fiscal_year_label", "年度（和暦）", TEXT),
        Field("status", "状態", TEXT, "coming：募集の前、open：募集中、closed：終わった、cancelled：中止"),
        Field("status_label", "状態（名称）", TEXT),
        Field("aim", "募集の目的", TEXT, may_be_empty=True),
        Field("eligibility", "応募できる団体と事業", TEXT, may_be_empty=True),
        Field("accepts_free_theme", "自由テーマ", FieldKind.YES_NO, "団体が決めたテーマでも応募できるとき true。"),
        Field("themes", "県が募集するテーマ", LIST, "番号と題名をつないだ文。"),
        Field("criteria", "審査基準", LIST, "名前と重みをつないだ文。"),
        Field("opens_at", "募集を始める日時", FieldKind.MOMENT),
        Field("closes_at", "締め切り", FieldKind.MOMENT),
        Field("grace_minutes", "締め切りの猶予（分）", WHOLE, "締め切りのあと、この分までに届いた提出を受け付けます。"),
        Field("papers_on", "第1次審査の日", DATE, may_be_empty=True),
        Field("presentation_on", "第2次審査の日", DATE, "公開プレゼンテーションの日。", may_be_empty=True),
        Field("published_at", "公表した日時", FieldKind.MOMENT),
        Field("changed_at", "最後に変えた日時", FieldKind.MOMENT, "変えていないときは、公表した日時。"),
        Field("cancel_reason", "中止した理由", TEXT, may_be_empty=True),
        Field("url", "URL", LINK),
    ),
    rows=readers.calls,
    read=readers.call,
    identity=lambda asked: Call.number == asked,
)

DATASETS: tuple[Dataset, ...] = (ORGANISATIONS, PROPOSALS, PROJECTS, GRANTS, CALLS, FIGURES, MEMBERS)


def find(key: str) -> Dataset | None:
    """Return a dataset by its key."""
    return next((dataset for dataset in DATASETS if dataset.key == key), None)


def keys() -> Sequence[str]:
    """Return the keys in the order of the catalogue."""
    return [dataset.key for dataset in DATASETS]
