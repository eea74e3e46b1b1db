"""The numbers in addresses: short enough to read aloud, strict enough to reject anything else with 404."""

from datetime import date

from flask import Flask, request
from werkzeug.routing import BaseConverter, ValidationError

from matchmaker.foundation import fiscal_year


def page_number(name: str = "page") -> int:
    """Return the page of a list that the address asks for; anything odd means the first."""
    asked = request.args.get(name, "")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) <= 4 else 1


class ProposalNumber(BaseConverter):
    regex = r"(?:[RHS][0-9]{1,2}-[0-9]{4,6}|D-[0-9]{4,8})"


class InterestNumber(BaseConverter):
    regex = r"K-[0-9]{4,8}"


class OrganisationNumber(BaseConverter):
    regex = r"O-[0-9]{4,8}"


class ProjectNumber(BaseConverter):
    regex = r"[RHS][0-9]{1,2}-P[0-9]{3,6}"


class IntroductionNumber(BaseConverter):
    """The id behind "S-0012"."""

    regex = r"S-[0-9]{4,8}"

    def to_python(self, value: str) -> int:
        return int(value.removeprefix("S-"))

    def to_url(self, value: int) -> str:
        return f"S-{value:04d}"


class ConsultationNumber(BaseConverter):
    """The id behind "J-0012"."""

    regex = r"J-[0-9]{4,8}"

    def to_python(self, value: str) -> int:
        return int(value.removeprefix("J-"))

    def to_url(self, value: int) -> str:
        return f"J-{value:04d}"


class CallNumber(BaseConverter):
    regex = r"[RHS][0-9]{1,2}-C[0-9]{1,4}"


class ThemeNumber(BaseConverter):
    regex = r"T-[0-9]{4,8}"


class DisclosureNumber(BaseConverter):
    regex = r"[RHS][0-9]{1,2}-D[0-9]{3,6}"


class FiscalYear(BaseConverter):
    """A fiscal year as "R8" or "H23"."""

    regex = r"[RHS][0-9]{1,2}"

    def to_python(self, value: str) -> int:
        try:
            return fiscal_year.parse(value)
        except fiscal_year.NotAFiscalYear as error:
            raise ValidationError from error

    def to_url(self, value: int) -> str:
        return fiscal_year.code(value)


class Day(BaseConverter):
    """A day as "2026-06-01". It is tried before a word, which would take it too."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    weight = 50

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: date) -> str:
        return value.isoformat()


def install(app: Flask) -> None:
    """Register the converters before the blueprints use them."""
    # Each page has one address. A redirect to the tidier one would name the host as the request did.
    app.url_map.merge_slashes = False
    app.url_map.converters.update(
        proposal_number=ProposalNumber,
        interest_number=InterestNumber,
        organisation_number=OrganisationNumber,
        project_number=ProjectNumber,
        introduction_number=IntroductionNumber,
        fiscal_year=FiscalYear,
        consultation_number=ConsultationNumber,
        call_number=CallNumber,
        disclosure_number=DisclosureNumber,
        theme_number=ThemeNumber,
        day=Day,
    )
