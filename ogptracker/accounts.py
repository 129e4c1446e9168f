"""How allauth works here: accounts by invitation, mail in the reader's language, a second factor for staff."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from commitments.models import organisations_of

# Where a member of staff wanted to go when the second factor was asked for.
WANTED = "second_factor_wanted_page"


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come by invitation of the support unit; nobody opens one alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Who speaks for an organisation comes to its workspace."""
        if organisations_of(request.user):
            return reverse("counter_assessments")
        return super().get_login_redirect_url(request)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Users have no name but their e-mail address."""

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Nobody types a password twice within minutes: having just signed in is as good as being asked again."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < account_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords count by address and place: who only knows an e-mail address locks nobody out."""
        return f"{self.get_client_ip(request)}:{super()._get_login_attempts_cache_key(request, **credentials)}"

    def format_email_subject(self, subject: str) -> str:
        return f"{settings.EMAIL_SUBJECT_PREFIX}{subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the account, or of the page where nobody has one."""
        user = context.get("user")
        with translation.override(user.language if user else translation.get_language()):
            super().send_mail(template_prefix, email, context)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        super().send_notification_mail(template_prefix, user, {"user": user, **(context or {})}, email or user.email)

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """The link leads to the page in the account's language."""
        with translation.override(user.language):
            url = self.get_reset_password_from_key_url(f"{context['uid']}-{context['key']}")
        super().send_password_reset_mail(user, user.email, {**context, "password_reset_url": url})


class ActivateSecondFactor(ActivateTOTPView):
    """Says why staff must, and counts the code that was just typed as this session's."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_needed": needs_second_factor(self.request.user)}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type=Authenticator.Type.TOTP.value)
        return response


activate_second_factor = ActivateSecondFactor.as_view()


def needs_second_factor(user: Any) -> bool:
    return settings.STAFF_NEEDS_SECOND_FACTOR and user.is_authenticated and user.is_staff


def has_second_factor(user: Any) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def gave_second_factor(request: HttpRequest) -> bool:
    """Whether a code was given in this session: at sign-in, when asked again, or when it was activated."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))
