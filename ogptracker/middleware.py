from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from commitments.localised import LANGUAGES


def reader_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Addresses without a language (the admin) speak the signed-in person's language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        prefixed = request.path_info.split("/", 2)[1] in LANGUAGES
        if not prefixed and request.path_info.startswith("/admin/") and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return get_response(request)

    return middleware
