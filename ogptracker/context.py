from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs: the same page in the other language."""
    return {
        "other_languages": [
            (code, translate_url(request.get_full_path(), code))
            for code, _name in settings.LANGUAGES
            if code != request.LANGUAGE_CODE
        ]
        if hasattr(request, "LANGUAGE_CODE")
        else [],
    }
