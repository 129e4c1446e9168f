"""Coming in by invitation, and one's own page."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from commitments import invitations, roles
from commitments.account_forms import ProfileForm, WelcomeForm
from commitments.models import Invitation, User

GONE = 410


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the mail leads: a new account, or one more thing that an existing account may do."""
    invited = invitations.find(token)
    if invited is None:
        return render(request, "commitments/invitation_closed.html", status=404)
    if invited.state(timezone.now()) != Invitation.State.WAITING:
        return render(request, "commitments/invitation_closed.html", status=GONE)
    account = invitations.account_of(invited)
    try:
        if account is None and not request.user.is_authenticated:
            return _open_account(request, token, invited)
        if account is not None and request.user == account and request.method == "POST":
            invitations.accept(token, by=account)
            return _come_in(request)
    except invitations.Closed:
        return render(request, "commitments/invitation_closed.html", status=GONE)
    except invitations.AddressTaken:
        return redirect(request.path)
    context = {"invitation": invited, "offer": invitations.offer(invited), "is_own": request.user == account}
    return render(request, "commitments/invitation.html", context)


def _open_account(request: HttpRequest, token: str, invited: Invitation) -> HttpResponse:
    person = User(email=invited.email, name=invited.name, language=request.LANGUAGE_CODE)
    form = WelcomeForm(request.POST or None, instance=person)
    if form.is_valid():
        user = invitations.open_account(
            token,
            name=form.cleaned_data["name"],
            language=form.cleaned_data["language"],
            password=form.cleaned_data["password1"],
        )
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        record_authentication(request, user, "password")
        return _come_in(request)
    context = {"invitation": invited, "offer": invitations.offer(invited), "form": form}
    return render(request, "commitments/invitation.html", context)


def _come_in(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Welcome. You are signed in."))
    return redirect(get_adapter(request).get_login_redirect_url(request))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name and language; what one may do is shown and decided elsewhere."""
    user = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your details are saved."))
        return redirect("profile")
    stored: User = request.user  # type: ignore[assignment]
    context = {
        "form": form,
        "section": "account",
        "role_names": [roles.NAMES[role] for role in roles.GROUPS if role in stored.role_names],
        "memberships": stored.memberships.on(timezone.localdate()).select_related("organisation"),
    }
    return render(request, "commitments/profile.html", context)
