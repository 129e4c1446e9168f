"""What every page's frame needs, whichever view makes it."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.functional import SimpleLazyObject

from commitments import roles
from commitments.localised import LANGUAGES
from commitments.models import ActionPlan, organisations_of
from commitments.revision import read_revision

NAMES = {"en": "English", "mn": "Монгол"}  # each in its own language


@dataclass(frozen=True)
class LanguageChoice:
    code: str
    name: str
    address: str  # this page in that language
    absolute: str


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs. The plan is looked up when a page shows it, the view's own context comes first."""
    origin, address = _origin(request), escape_uri_path(request.path)
    return {
        "language_choices": [
            LanguageChoice(
                code,
                NAMES[code],
                _in_language(request.get_full_path(), code),
                origin + _in_language(address, code),
            )
            for code in LANGUAGES
        ],
        "canonical": origin and origin + address,
        "in_any_language": origin + _without_language(address),
        "moment": timezone.localtime(),
        "revision": lambda: getattr(request, "revision", None) or read_revision(),
        "represents": SimpleLazyObject(lambda: bool(organisations_of(request.user))),
        "reads_drafts": SimpleLazyObject(lambda: roles.sees_drafts(request.user)),
        "current_plan": SimpleLazyObject(lambda: ActionPlan.objects.current(timezone.localdate())),
    }


def _origin(request: HttpRequest) -> str:
    """Scheme and host; empty where the host is not ours, which the page that refuses it must be able to say."""
    try:
        return f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return ""


def _in_language(address: str, code: str) -> str:
    """The address with another language at its head; the language's home for addresses without one."""
    _root, first, *rest = address.split("/", 2)
    return f"/{code}/{rest[0]}" if first in LANGUAGES and rest else f"/{code}/"


def _without_language(address: str) -> str:
    """Without a language at its head an address leads on to the same page in the language that the browser asks for."""
    _root, first, *rest = address.split("/", 2)
    return f"/{rest[0]}" if first in LANGUAGES and rest else address
