"""Which form of collaboration fits, and what procedure it needs. Knows no database.

A collaboration without new public cost (協働型) may go straight to the proposer; everything else (契約型) needs a
procedure of its own: a tender or a stated 随意契約 for a commission, a decision under its rules for a subsidy or a cost
share. Source: the split that 茨木市 publishes; 地方自治法 第234条 (contracts), 第232条の2 (subsidies).
"""

from dataclasses import dataclass

from matchmaker.foundation.messages import gettext as _
from matchmaker.matching.terms import Term
from matchmaker.proposals.status import CollaborationForm


class Procedure(Term):
    """The procedure that a form with public cost goes through."""

    NONE = "none", "手続きはいらない（県の新しい費用がない）"
    TENDER = "tender", "入札"
    OPEN_PROPOSAL = "open-proposal", "企画提案コンペ（公募型プロポーザル）"
    NEGOTIATED = "negotiated", "随意契約（理由と根拠を書く）"
    GRANT = "grant", "交付要綱による申請と交付決定"
    SHARE = "share", "負担金の支出の決定"


class ProposalType(Term):
    COLLABORATIVE = "collaborative", "協働型"
    CONTRACT = "contract", "契約型"


NEEDS_PROCEDURE = {
    CollaborationForm.COMMISSION: (Procedure.TENDER, Procedure.OPEN_PROPOSAL, Procedure.NEGOTIATED),
    CollaborationForm.SUBSIDY: (Procedure.GRANT,),
    CollaborationForm.COST_SHARE: (Procedure.SHARE,),
}
"""Forms that always need a procedure of their own, and which ones fit."""

NO_MONEY = frozenset({CollaborationForm.SPONSORSHIP, CollaborationForm.COOPERATION})
"""Forms in which the prefecture gives its name or its help, never money."""


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """What was chosen and answered; ``grounds`` say why this form, and on what legal ground where there is one."""

    form: CollaborationForm
    has_public_cost: bool
    prefecture_specifies: bool
    procedure: Procedure
    grounds: str


def type_of(form: CollaborationForm, has_public_cost: bool) -> ProposalType:
    """Return whether the collaboration may go straight to the proposer, or needs a procedure first.

    >>> type_of(CollaborationForm.CO_HOSTING, False).label, type_of(CollaborationForm.CO_HOSTING, True).label
    ('協働型', '契約型')
    >>> type_of(CollaborationForm.COMMISSION, False).label
    '契約型'
    """
    is_contract = has_public_cost or form in NEEDS_PROCEDURE
    return ProposalType.CONTRACT if is_contract else ProposalType.COLLABORATIVE


def needs_procedure(form: CollaborationForm, has_public_cost: bool = False) -> bool:
    """Say whether something has to be settled beside the agreement before the work may start.

    >>> needs_procedure(CollaborationForm.SUBSIDY), needs_procedure(CollaborationForm.AGREEMENT)
    (True, False)
    """
    return type_of(form, has_public_cost) is ProposalType.CONTRACT


def troubles(answers: FormAnswers) -> list[str]:
    """Return, one sentence each, what does not fit together; empty when the choice holds.

    >>> troubles(FormAnswers(CollaborationForm.COMMISSION, True, True, Procedure.NEGOTIATED, "地方自治法施行令による"))
    []
    >>> troubles(FormAnswers(CollaborationForm.CO_HOSTING, False, False, Procedure.NONE, "共に主催する"))
    []
    """
    found = []
    name, fitting = answers.form.label, NEEDS_PROCEDURE.get(answers.form)
    if fitting and not answers.has_public_cost:
        found.append(_("「%(form)s」は県の費用を使う形です。費用がないなら、ほかの形を選んでください。", form=name))
    if fitting and answers.procedure not in fitting:
        found.append(
            _(
                "「%(form)s」には、それ自体の手続きがいります。次から選んでください：%(procedures)s",
                form=name,
                procedures="、".join(procedure.label for procedure in fitting),
            )
        )
    if not fitting and answers.has_public_cost and answers.form in NO_MONEY:
        found.append(
            _(
                "「%(form)s」では県の費用を出せません。委託・補助・負担金などの形を選んでください。",
                form=name,
            )
        )
    elif not fitting and answers.has_public_cost and answers.procedure is Procedure.NONE:
        found.append(_("県の費用を使う事業は契約型です。費用を出すための手続きを選んでください。"))
    if not answers.has_public_cost and not fitting and answers.procedure is not Procedure.NONE:
        found.append(_("県の新しい費用がない事業は協働型です。手続きは「いらない」を選んでください。"))
    if answers.prefecture_specifies and answers.form is not CollaborationForm.COMMISSION:
        found.append(
            _(
                "県が仕様を決めて成果を受けとるなら、その形は「委託」です。そうでないなら、仕様は両者で決めるとしてください。"
            )
        )
    return found
