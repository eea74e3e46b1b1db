"""The certificate of a company that takes part, as a tagged PDF."""

from datetime import date

from matchmaker.directory.models import Organisation
from matchmaker.documents.typesetting import typeset
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators.participation import Activity

ISSUER = "三重県環境生活部 NPO担当課"


def certificate(organisation: Organisation, activity: Activity, *, on: date) -> bytes:
    """Return the certificate of what a company does in the fiscal year of a day, as the records say on that day."""
    fy = fiscal_year.label(fiscal_year.fiscal_year_of(on))
    return typeset(
        "certificate",
        {
            "title": _("協創参加証"),
            "name": organisation.name,
            "number": organisation.number,
            "body": _(
                "%(year)sに、NPOと県との「協創」の社会づくりに参加していることを、次の記録により証します。", year=fy
            ),
            "acts": _acts(activity),
            "day": japanese_date(on),
            "issuer": ISSUER,
            "note": _("この参加証は、%(day)sの記録をもとに作られました。", day=japanese_date(on)),
        },
    )


def _acts(activity: Activity) -> list[str]:
    found = []
    if activity.has_interest:
        found.append(_("NPOと取り組みたいことを公開しています。"))
    if activity.is_talking:
        found.append(_("NPOと話し合いを進めています。"))
    return found + [
        _("協働事業「%(title)s」（%(number)s）に参加しています。", title=one.title, number=one.number)
        for one in activity.projects
    ]
