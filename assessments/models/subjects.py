"""What is assessed, and how versions of an assessment follow each other: shared by every rater's table."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.ratings import SCALES, NoRatingReason, Rating
from commitments.fields import LineField, ProseField
from commitments.models import ActionPlan, Commitment, Milestone
from commitments.rules import exactly_one

SubjectKey = tuple[type, int]  # model and primary key of a milestone or commitment


def key_of(subject: Milestone | Commitment) -> SubjectKey:
    """What finds a subject among milestones and commitments: their primary keys alone may be the same."""
    return (type(subject), subject.pk)


def column_of(subject: Milestone | Commitment) -> str:
    """The relation of `OfSubject` that a subject stands in."""
    return "milestone" if isinstance(subject, Milestone) else "commitment"


def commitment_of(subject: Milestone | Commitment) -> Commitment:
    return subject.commitment if isinstance(subject, Milestone) else subject


class OfSubject(models.Model):
    """Speaks about one milestone, or about a commitment as a whole."""

    milestone = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("milestone")
    )
    commitment = models.ForeignKey(
        Commitment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("commitment"),
        help_text=_("As a whole. Fill in this or the milestone."),
    )

    class Meta:
        abstract = True

    @property
    def subject(self) -> Milestone | Commitment:
        subject = self.milestone if self.milestone_id else self.commitment
        if subject is None:
            raise ValueError("An assessment without a subject was asked for it.")
        return subject

    @property
    def subject_key(self) -> SubjectKey:
        """`key_of` the subject, which need not have been read for it."""
        return (Milestone, self.milestone_id) if self.milestone_id else (Commitment, self.commitment_id)  # type: ignore[return-value]

    @property
    def plan(self) -> ActionPlan:
        return self.milestone.commitment.plan if self.milestone else self.subject.plan  # type: ignore[union-attr]


def one_subject(table: str) -> models.CheckConstraint:
    return exactly_one(
        ["milestone", "commitment"],
        table=table,
        name="one_subject",
        message=_("Choose a milestone, or a commitment as a whole: one of the two."),
    )


class Rated(models.Model):
    """A rating, or the reason why there is none."""

    rating = models.CharField(_("rating"), max_length=30, choices=Rating, null=True, blank=True)
    no_rating_reason = models.CharField(_("why there is no rating"), max_length=20, choices=NoRatingReason, blank=True)
    no_rating_text = LineField(_("the reason in words"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def light(self) -> str | None:
        return Rating(self.rating).light.value if self.rating else None


def rating_or_reason(table: str, *, unless: Q | None = None, wordless: Q | None = None) -> list[models.CheckConstraint]:
    """A rating and a reason for none exclude each other; outside ``unless`` (drafts) one of them is there.

    ``wordless``: where the words of another reason may still be missing, because it is saved while it is typed.
    """
    one = Q(rating__isnull=False, no_rating_reason="") | Q(rating__isnull=True) & ~Q(no_rating_reason="")
    return [
        models.CheckConstraint(
            condition=one | (unless & (Q(rating__isnull=True) | Q(no_rating_reason="")) if unless else one),
            name=f"{table}_rating_or_reason",
            violation_error_message=_("Give a rating, or say why there is none: one of the two."),
        ),
        models.CheckConstraint(
            condition=~Q(no_rating_reason=NoRatingReason.OTHER) | ~Q(no_rating_text="") | (wordless or Q()),
            name=f"{table}_other_reason_in_words",
            violation_error_message=_("Say in words why there is no rating."),
        ),
        models.CheckConstraint(
            condition=Q(rating__isnull=True) | Q(rating__in=[rating.value for rating in Rating]),
            name=f"{table}_rating_known",
        ),
    ]


class Versioned(models.Model):
    """A published row is never edited: a correction is a new row that supersedes it, with a public reason."""

    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="superseded_by",
        verbose_name=_("supersedes"),
    )
    correction_reason = ProseField(_("reason of the correction"), blank=True, help_text=_("Public."))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True, editable=False)
    is_current = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True


def versions_in_order(table: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(version=1, supersedes__isnull=True) | Q(version__gt=1, supersedes__isnull=False),
            name=f"{table}_version_supersedes",
            violation_error_message=_("Every version but the first follows another."),
        ),
        models.CheckConstraint(
            condition=Q(superseded_at__isnull=True) | Q(published_at__lte=F("superseded_at")),
            name=f"{table}_published_then_superseded",
        ),
        models.CheckConstraint(
            condition=Q(is_current=False) | Q(published_at__isnull=False, superseded_at__isnull=True),
            name=f"{table}_current_is_published",
        ),
    ]


def refuse_other_plan(row: Any) -> None:
    """The period of an assessment belongs to the plan of its subject."""
    if (row.milestone_id or row.commitment_id) and row.period_id and row.plan.pk != row.period.plan_id:
        raise ValidationError({"period": _("This period belongs to another plan.")})


def refuse_other_scale(row: Any) -> None:
    """Government and NGOs rate on the plan's scale; a rating of another would be in no row of a tally."""
    if (row.milestone_id or row.commitment_id) and row.rating not in (None, "", *SCALES[row.plan.rating_scale]):
        raise ValidationError({"rating": _("This rating is not on the plan's scale.")})
