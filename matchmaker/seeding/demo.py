"""The demonstration as a whole: stored together or not at all."""

import json
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from matchmaker.accounts import demo, passwords
from matchmaker.audit import service as audit
from matchmaker.directory import service as directory
from matchmaker.directory.terms import Side
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger
from matchmaker.permissions.grants import Role
from matchmaker.seeding import cases, journeys
from matchmaker.seeding.accounts import DEMO_PASSWORD, add_accounts
from matchmaker.seeding.calls import add_calls
from matchmaker.seeding.circulations import add_circulation
from matchmaker.seeding.delivery import add_delivery
from matchmaker.seeding.files import SEEDS
from matchmaker.seeding.indicators import add_indicators
from matchmaker.seeding.journeys import Journeys
from matchmaker.seeding.panel import add_panel
from matchmaker.seeding.proxies import add_entry
from matchmaker.seeding.rounds import add_round


class DemoNotAllowed(DomainError):
    """Everybody knows the password of the demonstration's accounts: only a demonstration may hold them."""

    def __init__(self) -> None:
        super().__init__(_("この環境では、デモのデータを入れられません。"))


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much of the demonstration was stored; nothing when it was there already."""

    proposals: int = 0
    past_proposals: int = 0

    @property
    def was_there(self) -> bool:
        return self.proposals == 0


def load(*, at: datetime) -> Loaded:
    """Store accounts, registry, history and invented records, unless they are there. Errors: DemoNotAllowed."""
    if not current_app.config["ALLOWS_DEMO"]:
        raise DemoNotAllowed
    if demo.is_loaded():
        return Loaded()
    records = json.loads((SEEDS / "demo.json").read_text(encoding="utf-8"))
    password_hash = passwords.hash_password(DEMO_PASSWORD)
    with transaction():
        npo = journeys.add_organisation(records["npo"], side=Side.NPO, at=at)
        company = journeys.add_organisation(records["company"], side=Side.COMPANY, at=at)
        division = journeys.add_division(records["division"])
        users = add_accounts(
            password_hash=password_hash,
            organisations={Role.NPO: npo, Role.COMPANY: company},
            division=division,
            at=at - journeys.BEGAN_BEFORE,
        )
        office = users[Role.NPO_OFFICE]
        for organisation in (npo, company):
            directory.verify(organisation, actor_id=office.id, at=at - journeys.BEGAN_BEFORE)
        found = Loaded(proposals=cases.add_cases(checked_by=office, at=at), past_proposals=cases.add_past_proposals())
        db.session.flush()
        told = Journeys(users=users, division=division, at=at)
        journeys.add_all(records, told)
        add_calls(records, told)
        add_entry(records["proxy"], told)
        add_circulation(told)
        add_panel(told)
        add_delivery(told)
        add_round(told)
        db.session.flush()
        ledger.take_open_years(actor=None, at=at)
        add_indicators(company, told)
        audit.record("system:demonstration:load", "seeds", actor_id=None, at=at, proposals=found.proposals)
    return found
