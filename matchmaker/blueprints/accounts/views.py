"""All views of accounts, in files by what people do."""

from matchmaker.blueprints.accounts import managing, own, recovering, signing_in, signing_up
from matchmaker.blueprints.accounts.routes import bp

__all__ = ["bp", "managing", "own", "recovering", "signing_in", "signing_up"]
