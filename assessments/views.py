"""Files of evidence, handed out one by one: no folder of them is ever public."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from assessments.models import Evidence

logger = logging.getLogger(__name__)

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
        response = _attachment(found)
        response["Content-Length"] = str(found.size)
    response["ETag"] = etag
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _attachment(found: Evidence) -> Any:
    """The file in pieces, or a note to the web server to send it."""
    stored = str(found.file)
    name, media_type = found.file_name or stored.rpartition("/")[2], found.media_type or UNKNOWN
    if settings.EVIDENCE_ACCEL_PREFIX:
        response = HttpResponse(content_type=media_type)
        response["X-Accel-Redirect"] = settings.EVIDENCE_ACCEL_PREFIX + quote(stored)
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response
    try:
        return FileResponse(found.file.open("rb"), as_attachment=True, filename=name, content_type=media_type)
    except FileNotFoundError:
        logger.exception("The file of evidence %s is missing in the storage.", found.pk)
        raise Http404 from None
