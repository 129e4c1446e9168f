"""Who speaks for which organisation, and what happens to typed text where the session is gone.

A view of the workspace is decorated with `representative` and gets a `Speaker`. Another organisation is as unknown as
one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from commitments.models import Organisation, organisations_of

AUTOSAVE = "X-Autosave"  # header of what the page's script sends; such requests are answered with JSON
KEPT = "typed_words"  # in the session
# What somebody types, by field; what is kept of one field is bounded, and so are the forms that are kept.
TYPED = ("rating", "justification", "recommendation", "condition", "language", "links")
LONGEST_KEPT = 20_000
MOST_KEPT = 5


@dataclass(frozen=True)
class Speaker:
    """A person, speaking for one organisation."""

    user: Any
    organisation: Organisation
    several: bool  # whether this person speaks for others too, so that addresses say for which

    @property
    def tail(self) -> str:
        """What addresses of the workspace end with."""
        return f"?{urlencode({'organisation': self.organisation.slug})}" if self.several else ""


View = Callable[..., HttpResponse]


def representative(view: View) -> View:
    """Only for those who speak for an organisation today; who speaks for several says for which."""

    @never_cache
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _sign_in(request, **kwargs)
        own = list(Organisation.objects.filter(pk__in=organisations_of(request.user)))
        if not own:
            return render(request, "assessments/workspace_none.html", {"section": "workspace"}, status=403)
        asked = request.POST.get("organisation") or request.GET.get("organisation")
        if asked:
            own_one = next((organisation for organisation in own if organisation.slug == asked), None)
            if own_one is None:
                raise Http404
        elif len(own) == 1:
            own_one = own[0]
        else:
            context = {"section": "workspace", "organisations": own}
            return render(request, "assessments/workspace_choose.html", context)
        return view(request, Speaker(request.user, own_one, several=len(own) > 1), *args, **kwargs)

    return inner


def _sign_in(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """To the sign-in page and back; text that was typed waits in the session meanwhile."""
    if AUTOSAVE in request.headers:
        return JsonResponse({"message": signed_out_words()}, status=403)
    keep_typed(request, request.POST.get("organisation", ""), **kwargs)
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    tail = f"?{urlencode({'organisation': asked})}" if asked else ""
    return redirect_to_login(request.get_full_path() if request.method == "GET" else f"{request.path}{tail}")


def signed_out_words() -> str:
    return _("You are signed out, so this is not saved. It stays on this page; sign in and save again.")


def signed_out(request: HttpRequest) -> HttpResponse:
    """A form of the workspace that was refused because its page is from another session, or cookies are gone.

    Its text is shown in a form that can be sent: nothing is done with it until then.
    """
    if AUTOSAVE in request.headers:
        return JsonResponse({"message": signed_out_words()}, status=403)
    context = {
        "section": "workspace",
        "typed": [(name, request.POST[name]) for name in TYPED if request.POST.get(name)],
        "organisation": request.POST.get("organisation", ""),
        "opened_version": request.POST.get("opened_version", ""),
        "seen": request.POST.get("seen", ""),
    }
    return render(request, "assessments/workspace_signed_out.html", context, status=403)


def keep_typed(request: HttpRequest, organisation: str, *, versioned: bool = True, **address: str) -> None:
    """Keep a form's text in the session until its page is opened again.

    ``versioned``: with the version of the draft that it was typed over, so that a colleague's is not lost to it.
    """
    typed = {name: request.POST[name][:LONGEST_KEPT] for name in TYPED if request.POST.get(name)}
    if not set(typed) - {"language"} or "code" not in address:
        return
    version = request.POST.get("opened_version", "")
    if versioned and version.isdecimal():
        typed["opened_version"] = version
    kept = dict(list(request.session.get(KEPT, {}).items())[1 - MOST_KEPT :])
    request.session[KEPT] = {**kept, _place(organisation, **address): typed}


def kept_typed(request: HttpRequest, organisation: str, **address: str) -> dict[str, str]:
    """The text that was typed into this form and is not saved yet; empty where there is none."""
    return request.session.get(KEPT, {}).get(_place(organisation, **address), {})


def forget_typed(request: HttpRequest, organisation: str, **address: str) -> None:
    kept = request.session.get(KEPT, {})
    if kept.pop(_place(organisation, **address), None):
        request.session[KEPT] = kept


def _place(organisation: str, *, plan: str, period: str, code: str, **more: str) -> str:
    return "/".join((organisation, plan, period, code))
