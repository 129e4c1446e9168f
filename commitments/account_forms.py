"""What people say about themselves: when they come in, and later."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.utils.translation import gettext_lazy as _

from commitments.models import User


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name", "language")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["language"].help_text = _("Of the mail that is sent to you, and of the admin.")


class WelcomeForm(SetPasswordMixin, ProfileForm):
    """Name, language and a password; ``instance`` is the account to be, with its address."""

    password1, password2 = SetPasswordMixin.create_password_fields(
        label1=_("Password"), label2=_("Password again, to be sure")
    )

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        self.validate_password_for_user(self.instance)
        return super().clean() or self.cleaned_data
