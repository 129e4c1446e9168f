"""What the support unit does with an answer: publishes it, returns it, withholds it; and its author is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments import lifecycle
from assessments.models import CounterAssessment
from assessments.moderation_mail import tell_author
from commitments import roles
from commitments.admin.verbs import Verb, VerbForm, reason_field

State = CounterAssessment.State


def telling_its_author(verb: Callable[..., CounterAssessment]) -> Callable[..., CounterAssessment]:
    def act(answer: CounterAssessment, **arguments: Any) -> CounterAssessment:
        with transaction.atomic():
            moved = verb(answer, **arguments)
            tell_author(moved)
        return moved

    return act


publish = telling_its_author(lifecycle.publish_counter_assessment)


class ReturningForm(VerbForm):
    asked_as = {"return_reason": "reason"}

    reason = reason_field(
        label=gettext_lazy("What has to be mended"),
        help_text=gettext_lazy("Its author gets this by mail, and reads it above the form. It is not public."),
    )


class WithholdingForm(VerbForm):
    asked_as = {"withheld_reason": "reason", "withheld_note_en": "note_en", "withheld_note_mn": "note_mn"}

    reason = forms.ChoiceField(
        label=gettext_lazy("Why it is withheld"),
        choices=CounterAssessment.WithheldReason.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Public, and in the mail to its author."),
    )
    note_en = reason_field(
        label=gettext_lazy("note on it in English"),
        required=False,
        help_text=gettext_lazy("Public. Do not repeat what is withheld."),
    )
    note_mn = reason_field(
        label=gettext_lazy("note on it in Mongolian"),
        required=False,
        help_text=gettext_lazy("Public. Do not repeat what is withheld."),
    )


VERBS = (
    Verb(
        name="publish",
        label=gettext_lazy("Publish"),
        question=gettext_lazy(
            "It will stand beside the government's rating, unchanged, and everybody can read it. Its author gets a "
            "mail. Publish it?"
        ),
        done=gettext_lazy("%(record)s is published."),
        act=publish,
        role=roles.is_publisher,
        applies=lambda answer: answer.is_waiting,
    ),
    Verb(
        name="return",
        label=gettext_lazy("Return it to be mended"),
        question=gettext_lazy(
            "Its author can change it and send it again for seven days, also after the closing time."
        ),
        done=gettext_lazy("%(record)s is returned."),
        act=telling_its_author(lifecycle.return_counter_assessment),
        form=ReturningForm,
        role=roles.is_support_unit,
        applies=lambda answer: answer.is_waiting and not answer.transcribed,
    ),
    Verb(
        name="withhold",
        label=gettext_lazy("Withhold"),
        question=gettext_lazy(
            "The public never reads its words and files, or reads them no more. If it was public, a mark with the date "
            "and the reason stands in its place; if not, it is counted as withheld. It cannot be undone."
        ),
        done=gettext_lazy("%(record)s is withheld."),
        act=telling_its_author(lifecycle.withhold_counter_assessment),
        form=WithholdingForm,
        role=roles.is_publisher,
        applies=lambda answer: answer.is_waiting or answer.state == State.PUBLISHED,
    ),
)


@admin.action(description=gettext_lazy("Publish the chosen answers"), permissions=["publish"])
def publish_chosen(tables: Any, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
    """Count on a page of its own what would be published, then publish each as if it were the only one."""
    rows = list(chosen)
    waiting = [row for row in rows if row.is_waiting]
    if not waiting:
        messages.error(request, _("None of the chosen answers waits to be published."))
        return None
    if request.POST.get("confirmed"):
        _publish_each(request, waiting)
        return None
    context = {
        **tables.admin_site.each_context(request),
        "title": _("Publish the chosen answers"),
        "opts": tables.opts,
        "waiting": waiting,
        "others": [row for row in rows if not row.is_waiting],
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/publish_answers.html", context)


def _publish_each(request: HttpRequest, waiting: list[CounterAssessment]) -> None:
    published = 0
    for answer in waiting:
        try:
            publish(answer, by=request.user)
        except ValidationError as refusal:
            messages.error(request, f"{answer}: {' '.join(refusal.messages)}")
        else:
            published += 1
    sentence = ngettext("%(count)d answer is published.", "%(count)d answers are published.", published)
    messages.success(request, sentence % {"count": published})
