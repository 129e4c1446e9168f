"""A stored file on its way to the reader, once somebody has decided that they may have it."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

logger = logging.getLogger(__name__)

NOTHING = "default-src 'none'; sandbox"  # what a file may do in a browser, wherever it came from


def sent(stored: FieldFile, name: str, media_type: str, *, as_attachment: bool = True) -> Any:
    """The file in pieces, or a note to the web server to send it. Raises Http404 where the storage has lost it."""
    if settings.EVIDENCE_ACCEL_PREFIX:
        response = HttpResponse(content_type=media_type)
        response["X-Accel-Redirect"] = settings.EVIDENCE_ACCEL_PREFIX + quote(str(stored))
        response["Content-Disposition"] = content_disposition_header(as_attachment, name) or "inline"
        return response
    try:
        opened = stored.open("rb")
    except FileNotFoundError:
        logger.exception("The file %s is missing in the storage.", stored)
        raise Http404 from None
    return FileResponse(opened, as_attachment=as_attachment, filename=name, content_type=media_type)


def confine(response: HttpResponseBase, policy: str = NOTHING) -> None:
    """Keep a browser from guessing what a file is, and the file from doing more than ``policy`` allows."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = policy
