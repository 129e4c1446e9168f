"""What a request passes before its view: the language of whoever reads, and the second factor of staff."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from commitments.localised import LANGUAGES
from ogptracker import accounts

GetResponse = Callable[[HttpRequest], HttpResponse]


def reader_language(get_response: GetResponse) -> GetResponse:
    """Addresses without a language (the admin) speak the signed-in person's language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        prefixed = request.path_info.split("/", 2)[1] in LANGUAGES
        if not prefixed and request.path_info.startswith("/admin/") and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return get_response(request)

    return middleware


def second_factor(get_response: GetResponse) -> GetResponse:
    """No page of the admin without a second factor, given in this very session."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/") or not accounts.needs_second_factor(request.user):
            return get_response(request)
        wanted = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        if not accounts.has_second_factor(request.user):
            request.session[accounts.WANTED] = wanted
            return redirect("mfa_activate_totp")
        if not accounts.gave_second_factor(request):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': wanted})}")
        request.session.pop(accounts.WANTED, None)
        return get_response(request)

    return middleware
