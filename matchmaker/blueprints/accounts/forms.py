"""Forms of accounts. Passwords are never tidied: they are used exactly as typed."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from matchmaker.accounts import passwords
from matchmaker.accounts.staff import ROLE_LABELS
from matchmaker.blueprints.forms import Form, LineField
from matchmaker.blueprints.organisation_fields import CompanyFields, EmailField, NpoFields
from matchmaker.directory.models import Division
from matchmaker.directory.terms import Side
from matchmaker.permissions.grants import STAFF_ROLES, Role


class PersonNameField(LineField):
    """The name that colleagues and the office see."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        validators = [
            DataRequired(_l("名前を入力してください")),
            Length(max=80, message=_l("名前は80文字以内で入力してください")),
        ]
        super().__init__(label, validators=validators, **kwargs)


class KnownPasswordField(PasswordField):
    """A password that exists already: nothing is said about its form."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, validators=[InputRequired(_l("パスワードを入力してください"))], **kwargs)


class NewPasswordField(PasswordField):
    """A password that is being chosen; the form's ``is_staff`` and ``own_words`` decide what is refused."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, validators=[InputRequired(_l("パスワードを入力してください"))], **kwargs)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped:
            return
        try:
            passwords.check(self.data, is_staff=form.is_staff, own_words=form.own_words())
        except passwords.WeakPassword as refusal:
            raise ValidationError(str(refusal)) from refusal


class ChoosesPassword(Form):
    """The parent of forms in which a password is chosen."""

    is_staff = False

    def own_words(self) -> list[str]:
        """Return the texts that others know of the person."""
        return []


class SignInForm(Form):
    """Address and password; ``next`` is where the person wanted to go."""

    email = EmailField(_l("メールアドレス"))
    password = KnownPasswordField(_l("パスワード"))
    next = HiddenField()


class SignUpFields(ChoosesPassword):
    """The person who signs up."""

    name = PersonNameField(_l("あなたの名前"))
    email = EmailField(_l("あなたのメールアドレス"))
    password = NewPasswordField(_l("パスワード"))

    def own_words(self) -> list[str]:
        return [self.name.data, self.email.data.partition("@")[0]]


class NpoSignUpForm(SignUpFields, NpoFields):
    """A person and their NPO."""

    asked_first = ("name", "email", "password")


class CompanySignUpForm(SignUpFields, CompanyFields):
    """A person and their company."""

    asked_first = ("name", "email", "password")


SIGN_UP_FORMS: dict[Side, type[NpoSignUpForm] | type[CompanySignUpForm]] = {
    Side.NPO: NpoSignUpForm,
    Side.COMPANY: CompanySignUpForm,
}


class EmptyForm(Form):
    """A button with nothing to enter."""


class ForgottenForm(Form):
    """Whose password is forgotten."""

    email = EmailField(_l("メールアドレス"))


class ResetForm(ChoosesPassword):
    """A new password for the person of a mailed link."""

    password = NewPasswordField(_l("新しいパスワード"))

    def __init__(self, *, is_staff: bool, known: list[str]) -> None:
        super().__init__()
        self.is_staff = is_staff
        self.known = known

    def own_words(self) -> list[str]:
        return self.known


class ChangePasswordForm(ResetForm):
    """The current password and a new one."""

    current_password = KnownPasswordField(_l("いまのパスワード"))


class NameForm(Form):
    """Another name."""

    name = PersonNameField(_l("名前"))


class InvitationForm(Form):
    """Who is invited."""

    email = EmailField(_l("招待する方のメールアドレス"))


class JoinForm(ChoosesPassword):
    """A new colleague."""

    name = PersonNameField(_l("あなたの名前"))
    password = NewPasswordField(_l("パスワード"))

    def __init__(self, *, email: str) -> None:
        super().__init__()
        self.email = email

    def own_words(self) -> list[str]:
        return [self.name.data, self.email.partition("@")[0]]


class _NamedPerson(Form):
    # Before the role's fields, because forms list their fields in the order in which they were written.
    name = PersonNameField(_l("名前"))
    email = EmailField(_l("メールアドレス"))


class RoleForm(Form):
    """A role of the prefecture; the administrator's own password confirms it."""

    role = SelectField(_l("役割"), validate_choice=False, choices=[])
    division = SelectField(_l("課（関係課の役割のときだけ）"), validate_choice=False, choices=[])
    current_password = KnownPasswordField(_l("あなたのパスワード"))

    def __init__(self, divisions: list[Division]) -> None:
        super().__init__()
        self.divisions = {str(one.id): one for one in divisions}
        self.role.choices = [
            SelectChoice("", _l("選んでください")),
            *(SelectChoice(role.value, label) for role, label in ROLE_LABELS.items() if role in STAFF_ROLES),
        ]
        self.division.choices = [
            SelectChoice("", _l("選ばない")),
            *(SelectChoice(key, f"{one.department} {one.name}") for key, one in self.divisions.items()),
        ]

    def validate_role(self, field: Field) -> None:
        if field.data not in STAFF_ROLES:
            raise ValidationError(_l("役割を選んでください"))

    def validate_division(self, field: Field) -> None:
        if self.role.data == Role.DIVISION and field.data not in self.divisions:
            raise ValidationError(_l("関係課の役割では、課を選んでください"))
        if self.role.data != Role.DIVISION and field.data:
            raise ValidationError(_l("課を選ぶのは、関係課の役割のときだけです"))


class StaffForm(_NamedPerson, RoleForm):
    """A person of the prefecture, with the first role."""
