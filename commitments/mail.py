"""Mail to one person: plain text, in their language, from the installation's sender."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

logger = logging.getLogger(__name__)


def send(
    template: str, subject: str | Promise, *, to: str, language: str, app: str = "commitments", **context: Any
) -> bool:
    """Whether the mail server took it; what it said otherwise goes into the log. Call it after the commit.

    ``template`` is the name of a text in the folder ``mail`` of the ``app``'s templates.
    """
    with translation.override(language):
        title = f"{settings.EMAIL_SUBJECT_PREFIX}{subject}"
        body = render_to_string(f"{app}/mail/{template}.txt", {"site": settings.SITE_URL, **context}).strip()
    try:
        EmailMessage(title, f"{body}\n", to=[to]).send()
    except OSError:  # smtplib's errors among them
        logger.exception("The mail “%s” could not be sent.", template)
        return False
    return True
