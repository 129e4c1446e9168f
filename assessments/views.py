"""Files of evidence, handed out one by one: no folder of them is ever public."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from assessments.models import Evidence
from assessments.stored_files import confine, sent

UNKNOWN = "application/octet-stream"
# A file that is public today can be withheld tomorrow.
PUBLIC, PRIVATE = "public, max-age=300", "private, no-store"


@require_safe
def evidence(request: HttpRequest, key: str) -> HttpResponseBase:
    """One stored file, as an attachment under the name that it came with.

    Whoever sees one row of the file may have it; to everybody else it is as unknown as a key that does not exist.
    """
    rows = Evidence.objects.with_key(key)
    # Asked first, so that an answer to the public does not depend on who asks.
    found = rows.visible_to(AnonymousUser()).first()
    cache = PUBLIC
    if found is None:
        found, cache = rows.visible_to(request.user).first(), PRIVATE
    if found is None:
        raise Http404
    etag = quote_etag(found.sha256)
    response = get_conditional_response(request, etag=etag) if cache == PUBLIC else None
    if response is None:
        stored = str(found.file)
        name = found.file_name or stored.rpartition("/")[2]
        response = sent(found.file, name, found.media_type or UNKNOWN)
        response["Content-Length"] = str(found.size)
    response["ETag"] = etag
    response["Cache-Control"] = cache
    confine(response)
    return response
