from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from commitments import roles
from commitments.localised import LANGUAGES
from commitments.models import ActionPlan, organisations_of

NAMES = {"en": "English", "mn": "Монгол"}  # each in its own language


@dataclass(frozen=True)
class LanguageChoice:
    code: str
    name: str
    address: str  # this page in that language
    absolute: str


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs. The plan is looked up when a page shows it, the view's own context comes first."""
    return {
        "language_choices": [
            LanguageChoice(
                code,
                NAMES[code],
                _in_language(request.get_full_path(), code),
                request.build_absolute_uri(_in_language(request.path, code)),
            )
            for code in LANGUAGES
        ],
        "canonical": request.build_absolute_uri(request.path),
        "moment": timezone.localtime(),
        "represents": SimpleLazyObject(lambda: bool(organisations_of(request.user))),
        "reads_drafts": SimpleLazyObject(lambda: roles.sees_drafts(request.user)),
        "current_plan": SimpleLazyObject(lambda: ActionPlan.objects.current(timezone.localdate())),
    }


def _in_language(address: str, code: str) -> str:
    """The address with another language at its head; the language's home for addresses without one."""
    _root, first, *rest = address.split("/", 2)
    return f"/{code}/{rest[0]}" if first in LANGUAGES and rest else f"/{code}/"
