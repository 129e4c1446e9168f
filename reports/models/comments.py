from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments import roles
from commitments.fields import ProseField
from commitments.models import ActionPlan, Commitment, Milestone, Organisation, Sourced
from commitments.rules import exactly_one
from reports.models.reports import Report


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: Any) -> CommentQuerySet:
        if roles.sees_drafts(user):
            return self
        released = Q(report__isnull=True) | Q(report__state=Report.State.RELEASED)
        return self.filter(
            released,
            Q(plan__published_at__isnull=False)
            | Q(commitment__plan__published_at__isnull=False)
            | Q(milestone__commitment__plan__published_at__isnull=False)
            | Q(report__plan__published_at__isnull=False),
        )

    def of_plan(self, plan: ActionPlan) -> CommentQuerySet:
        """On the plan and on anything in it."""
        return self.filter(
            Q(plan=plan) | Q(commitment__plan=plan) | Q(milestone__commitment__plan=plan) | Q(report__plan=plan)
        )

    def of_commitment(self, commitment: Commitment) -> CommentQuerySet:
        """On the commitment and on its milestones."""
        return self.filter(Q(commitment=commitment) | Q(milestone__commitment=commitment))


class Comment(Sourced):
    """A remark received on a plan, a report, a commitment or a milestone."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("Public")
        NGO = "ngo", _("NGO")
        GOVERNMENT = "government", _("Government")

    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("action plan"))
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("report"))
    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("commitment")
    )
    milestone = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("milestone")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=_("organisation"),
    )
    stated_on = models.DateField(_("stated on"), null=True, blank=True)
    text_en = ProseField(_("text in English"), blank=True)
    text_mn = ProseField(_("text in Mongolian"), blank=True)

    history = HistoricalRecords()
    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        default_related_name = "comments"
        ordering = ["stated_on", "pk"]
        constraints = [
            exactly_one(
                ["plan", "report", "commitment", "milestone"],
                table="comment",
                name="one_subject",
                message=_("A comment is about one thing: a plan, a report, a commitment or a milestone."),
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") | ~Q(text_mn=""),
                name="comment_text_in_a_language",
                violation_error_message=_("Fill in the text in English, in Mongolian, or in both."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation or self.get_kind_display()}, {self.stated_on or ''}"
