from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commitments.models import FocalPoint
from commitments.rules import exactly_one


class SentReminder(models.Model):
    """That somebody was reminded of something, so that nobody is reminded of it twice. Holds no address and no name.

    The row is reserved before the mail goes out, and confirmed (``sent_at``) after. One that stays without ``sent_at``
    was being sent when the run was interrupted: whether that mail arrived is not known.
    """

    class Kind(models.TextChoices):
        """In the order of urgency in which a mail lists them."""

        ENTRY_OVERDUE = "entry_overdue", _("Entry is overdue")
        ENTRY_CLOSES = "entry_closes", _("Entry closes")
        ANSWERS_CLOSE = "answers_close", _("The answering window closes")
        ANSWERS_WAIT = "answers_wait", _("Answers wait for publication")
        MILESTONE_OVERDUE = "milestone_overdue", _("A milestone's due date has passed")
        ANSWERS_OPEN = "answers_open", _("The answering window opened")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    about = models.CharField(
        _("about"),
        max_length=200,
        help_text=_("Natural key of the period or milestone, the date it is counted by, and the stage."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("user"),
    )
    focal_point = models.ForeignKey(
        FocalPoint,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("focal point"),
    )
    reserved_at = models.DateTimeField(_("reserved at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("sent reminder")
        verbose_name_plural = _("sent reminders")
        ordering = ["reserved_at", "pk"]
        constraints = [
            exactly_one(
                ["user", "focal_point"],
                table="sentreminder",
                name="one_reader",
                message=_("A reminder goes to a user or to a focal point."),
            ),
            *(
                models.UniqueConstraint(
                    fields=["kind", "about", reader],
                    condition=Q(**{f"{reader}__isnull": False}),
                    name=f"sentreminder_{reader}_once",
                )
                for reader in ("user", "focal_point")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
