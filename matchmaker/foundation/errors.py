"""Refusals that a person can act on."""

from matchmaker.foundation.messages import gettext as _


class DomainError(Exception):
    """A refusal whose text may be shown to the person who asked."""


class EditConflict(DomainError):
    """Somebody else saved the same record first."""

    def __init__(self) -> None:
        super().__init__(_("ほかの人が先に更新しました。内容を確認してから、もう一度操作してください。"))
