"""The mail that says that an answer was received: its reference number, the moment, and a copy of what was said."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.models import CounterAssessment
from commitments import mail


def acknowledge(answer: CounterAssessment) -> bool:
    """Send its author the copy, in the author's language; whether the mail server took it."""
    author = answer.submitted_by
    if author is None:
        return False
    with translation.override(author.language):
        subject = _("Your answer was received: %(reference)s") % {"reference": answer.reference_number}
    letter = {"answer": answer, "attachments": list(answer.attachments.all())}
    return mail.send("received", subject, to=author.email, language=author.language, app="assessments", **letter)
