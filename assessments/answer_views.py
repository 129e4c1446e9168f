"""The pages on which an organisation answers the government's ratings. `assessments.lifecycle` does what they ask."""

from __future__ import annotations

import uuid
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments import lifecycle
from assessments.answer_form import WORDS, AnswerForm
from assessments.images import FORMATS, metadata_of
from assessments.models import CounterAssessment, Evidence
from assessments.ratings import Light
from assessments.representatives import (
    AUTOSAVE,
    Speaker,
    forget_typed,
    keep_typed,
    kept_typed,
    representative,
)
from assessments.workspace import Desk, Filters, Queue, period_to_open, periods_for, read_desk, read_workspace

CONFLICT, UNPROCESSABLE = 409, 422
# In the session: what pictures were stored without, by key of the stored file, until their answer is sent.
TAKEN_OUT = "taken_out_of_pictures"


@representative
@require_safe
def workspace(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """What is open for the organisation, and what it has said in each period."""
    moment = timezone.now()
    periods = periods_for(speaker.organisation, speaker.user)
    asked = (request.GET.get("plan"), request.GET.get("period"))
    period = period_to_open(periods, moment)
    if any(asked):
        period = next((one for one in periods if asked[0] == one.plan.slug and asked[1] in (one.code, None)), None)
        if period is None:
            raise Http404
    filters = Filters(**{name: request.GET.get(name, "") for name in ("commitment", "light", "queue")})
    context: dict[str, Any] = {"section": "workspace", "speaker": speaker, "periods": periods, "period": period}
    if period:
        whole = read_workspace(speaker.organisation, period, moment)
        context |= {
            "plan": period.plan,
            "whole": whole,
            "workspace": whole.narrowed(filters),
            "deadline": whole.deadline,
            "filters": filters,
            "commitments": [group.commitment for group in whole.groups],
            "lights": [*Light.choices, ("none", _("Not rated"))],
            "queues": [(queue, whole.counts[queue]) for queue in Queue if whole.counts[queue] or queue in ALWAYS],
        }
    return render(request, "assessments/workspace.html", context)


# Queues that are shown when they are empty, too.
ALWAYS = {Queue.TO_ANSWER, Queue.DRAFT, Queue.RETURNED, Queue.SUBMITTED, Queue.PUBLISHED}


@representative
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, speaker: Speaker, **address: str) -> HttpResponse:
    """The form, or what was said where nothing can be written any more. A POST keeps the text as a draft."""
    desk = _desk_or_404(speaker, address)
    if request.method == "POST":
        return _keep(request, speaker, desk, address)
    if not (desk.is_draft and desk.is_open):
        return _said(request, speaker, desk)
    typed = kept_typed(request, speaker.organisation.slug, **address)
    form = AnswerForm.opened(desk, typed=typed)
    return _form(request, speaker, desk, form, offered=bool(typed))


@representative
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, speaker: Speaker, **address: str) -> HttpResponse:
    """What will be public, to be read through; a POST sends it."""
    desk = _desk_or_404(speaker, address)
    if request.method == "POST":
        return _send(request, speaker, desk, address)
    if not desk.is_draft or desk.answer is None or not desk.is_open:
        return redirect(_to(speaker, "counter_assessment", address))
    missing = lifecycle.answer_incompleteness(desk.answer)
    if missing or desk.rating_changed:
        return _form(request, speaker, desk, _opened_with(desk, missing))
    return _check(request, speaker, desk)


@representative
@require_safe
def receipt(request: HttpRequest, speaker: Speaker, reference: str, **address: str) -> HttpResponse:
    """The reference number, the moment, and a copy of what was said."""
    desk = _desk_or_404(speaker, address)
    sent = next(
        (row for row in (desk.answer, *desk.earlier) if row and row.reference_number == reference),
        None,
    )
    if sent is None or sent.period_id != desk.period.pk:
        raise Http404
    return render(request, "assessments/workspace_receipt.html", {**_context(speaker, desk), "said": sent})


@representative
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, speaker: Speaker, **address: str) -> HttpResponse:
    """Begin the next version of what was sent."""
    desk = _desk_or_404(speaker, address)
    if request.method == "POST" and desk.answer:
        try:
            lifecycle.replace_counter_assessment(desk.answer, by=speaker.user)
        except lifecycle.AnswersClosed as closed:
            return _said(request, speaker, desk, closed=closed)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
    return redirect(_to(speaker, "counter_assessment", address))


@representative
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, speaker: Speaker, **address: str) -> HttpResponse:
    """Ask once more, then take back what was sent."""
    desk = _desk_or_404(speaker, address)
    if desk.answer is None:
        raise Http404
    if request.method == "POST":
        try:
            lifecycle.withdraw_counter_assessment(desk.answer, by=speaker.user)
        except lifecycle.AnswersClosed as closed:
            return _said(request, speaker, desk, closed=closed)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("Your answer is withdrawn."))
        return redirect(_to(speaker, "counter_assessment", address))
    if not desk.can_be_withdrawn:
        return redirect(_to(speaker, "counter_assessment", address))
    return render(request, "assessments/workspace_withdraw.html", {**_context(speaker, desk), "said": desk.answer})


@representative
@require_safe
def draft_text(request: HttpRequest, speaker: Speaker, **address: str) -> HttpResponse:
    """The organisation's newest text as a file, to keep or to send on."""
    desk = _desk_or_404(speaker, address)
    if desk.answer is None:
        raise Http404
    text = render_to_string("assessments/draft.txt", {"desk": desk, "said": desk.answer}).strip()
    response = HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8")
    name = "-".join((address["plan"], address["period"], address["code"]))
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.txt")
    return response


def _desk_or_404(speaker: Speaker, address: dict[str, str]) -> Desk:
    desk = read_desk(speaker.organisation, speaker.user, **address)
    if desk is None:
        raise Http404
    return desk


def _to(speaker: Speaker, name: str, address: dict[str, str], **more: str) -> str:
    return reverse(name, kwargs={**address, **more}) + speaker.tail


def _context(speaker: Speaker, desk: Desk) -> dict[str, Any]:
    return {
        "section": "workspace",
        "speaker": speaker,
        "desk": desk,
        "plan": desk.period.plan,
        "period": desk.period,
        "deadline": desk.deadline,
        # Under which a browser keeps what could not be saved; nobody else who uses it finds the text.
        "browser_key": ":".join(
            ("answer", str(speaker.user.pk), speaker.organisation.slug, str(desk.period), desk.subject.code)
        ),
    }


def _form(
    request: HttpRequest,
    speaker: Speaker,
    desk: Desk,
    form: AnswerForm,
    *,
    offered: bool = False,
    conflict: lifecycle.ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {**_context(speaker, desk), "form": form, "offered": offered, "conflict": conflict}
    return render(request, "assessments/workspace_form.html", context, status=status)


def _said(
    request: HttpRequest, speaker: Speaker, desk: Desk, *, closed: lifecycle.AnswersClosed | None = None
) -> HttpResponse:
    """What the organisation has said, and what it can still do; after the closing time, that it has passed."""
    context = {**_context(speaker, desk), "said": desk.answer, "closed": closed}
    return render(request, "assessments/workspace_answer.html", context, status=CONFLICT if closed else 200)


def _check(request: HttpRequest, speaker: Speaker, desk: Desk, *, notice: str = "", status: int = 200) -> HttpResponse:
    taken_out = request.session.get(TAKEN_OUT, {})
    attachments = desk.answer.attachments.all() if desk.answer else []
    context = {
        **_context(speaker, desk),
        "said": desk.answer,
        "attachments": [_carries(row, taken_out) for row in attachments],
        "submission_key": uuid.uuid4(),
        "notice": notice,
    }
    return render(request, "assessments/workspace_check.html", context, status=status)


def _carries(evidence: Evidence, taken_out: dict[str, Any]) -> dict[str, Any]:
    """A file or link, and what it says of its making: of a picture what it was stored without, of others what stays."""
    if not evidence.file:
        return {"evidence": evidence}
    if evidence.media_type in FORMATS:
        return {"evidence": evidence, "is_picture": True, "found": taken_out.get(evidence.key, [])}
    with evidence.file.open("rb") as file:
        return {"evidence": evidence, "found": metadata_of(cast("BinaryIO", file), evidence.media_type)}


def _opened_with(desk: Desk, missing: dict[str, str]) -> AnswerForm:
    """The stored draft as a form that says what is missing."""
    opened = AnswerForm.opened(desk)
    form = AnswerForm(desk, {name: opened[name].value() or "" for name in opened.fields})
    form.is_valid()
    for field, message in missing.items():
        form.add_error(field, message)
    return form


def _keep(request: HttpRequest, speaker: Speaker, desk: Desk, address: dict[str, str]) -> HttpResponse:
    """Store what can be stored of a form, and say of the rest why not."""
    form = AnswerForm(desk, request.POST, request.FILES)
    form.is_valid()
    if desk.answer and desk.answer.transcribed:
        copied = _("This answer was copied from a document. The support unit mends it where the copy is wrong.")
        return _refuse_sent(request, speaker, desk, form, copied)
    try:
        draft = lifecycle.save_draft(
            desk.draft(),
            by=speaker.user,
            opened_version=form.cleaned_data.get("opened_version") or 0,
            seen=form.seen_rating,
            **form.words(),
        )
    except lifecycle.ChangedMeanwhile as conflict:
        return _refuse_second(request, speaker, desk, form, conflict, address)
    except ValidationError as refusal:
        for message in refusal.messages:
            form.add_error(None, message)
        return _answered(request, _form(request, speaker, desk, form, status=UNPROCESSABLE), form)
    draft = _attach(request, draft, form, speaker)
    forget_typed(request, speaker.organisation.slug, **address)
    if AUTOSAVE in request.headers:
        return _autosaved(form, draft)
    desk = _desk_or_404(speaker, address)
    if not desk.is_open:
        closes_at = desk.deadline.closes_at
        closed = lifecycle.AnswersClosed(closes_at) if closes_at and desk.deadline.state == "closed" else None
        return _said(request, speaker, desk, closed=closed)
    if request.POST.get("do") == "check":
        for field, message in lifecycle.answer_incompleteness(draft).items():
            form.add_error(field, message)
    if form.errors:
        return _form(request, speaker, desk, _reopened(form, desk), status=UNPROCESSABLE)
    if request.POST.get("do") == "check":
        return redirect(_to(speaker, "counter_assessment_check", address))
    messages.success(request, _("The draft is saved. It is not sent yet."))
    return redirect(_to(speaker, "counter_assessment", address))


def _attach(request: HttpRequest, draft: CounterAssessment, form: AnswerForm, speaker: Speaker) -> CounterAssessment:
    """Add the form's files and links one by one, and take away the one whose button was pressed."""
    taken_out = request.session.get(TAKEN_OUT, {})
    asked = request.POST.get("remove", "")
    if removed := next((row for row in draft.attachments.all() if str(row.pk) == asked), None):
        draft = lifecycle.detach(draft, removed, by=speaker.user)
        taken_out.pop(removed.key, None)
    for evidence in form.attachments:
        try:
            draft = lifecycle.attach(draft, evidence, by=speaker.user)
        except ValidationError as refusal:
            form.add_error("files" if evidence.file else "links", refusal.messages)
            continue
        if evidence.taken_out:
            taken_out[evidence.key] = list(evidence.taken_out)
    if taken_out:
        request.session[TAKEN_OUT] = taken_out
    return draft


def _autosaved(form: AnswerForm, draft: CounterAssessment) -> JsonResponse:
    saved_at = date_format(timezone.localtime(draft.saved_at), "TIME_FORMAT") if draft.saved_at else ""
    if form.errors:
        return JsonResponse({"message": _wrong(form), "version": draft.draft_version}, status=UNPROCESSABLE)
    return JsonResponse({"message": _("Draft saved %(time)s") % {"time": saved_at}, "version": draft.draft_version})


def _answered(request: HttpRequest, page: HttpResponse, form: AnswerForm) -> HttpResponse:
    if AUTOSAVE not in request.headers:
        return page
    return JsonResponse({"message": _wrong(form)}, status=UNPROCESSABLE)


def _wrong(form: AnswerForm) -> str:
    return " ".join(str(message) for errors in form.errors.values() for message in errors)


def _reopened(form: AnswerForm, desk: Desk) -> AnswerForm:
    """The form as it was sent, with the version that its draft has now, and without the links that are attached."""
    data = form.data.copy()  # type: ignore[attr-defined]  # what a browser sent
    data["opened_version"] = str(desk.answer.draft_version if desk.answer else 0)
    data["links"] = getattr(form, "links_left", data.get("links", ""))
    data["seen"] = str(desk.government.pk) if desk.government else ""
    form.data = data
    return form


def _refuse_second(
    request: HttpRequest,
    speaker: Speaker,
    desk: Desk,
    form: AnswerForm,
    conflict: lifecycle.ChangedMeanwhile,
    address: dict[str, str],
) -> HttpResponse:
    """Somebody was first: show both versions and keep what was typed."""
    message = " ".join(conflict.messages)
    if AUTOSAVE in request.headers:
        more = _("Yours is on this page still: press “Save draft” to see both.")
        return JsonResponse({"message": f"{message} {more}"}, status=CONFLICT)
    if conflict.current.state not in CounterAssessment.OPEN:
        # It waits in the session, and is offered when the next version is begun.
        keep_typed(request, speaker.organisation.slug, versioned=False, **address)
        return _refuse_sent(request, speaker, desk, form, message)
    return _form(request, speaker, desk, _reopened(form, desk), conflict=conflict, status=CONFLICT)


def _refuse_sent(request: HttpRequest, speaker: Speaker, desk: Desk, form: AnswerForm, refusal: str) -> HttpResponse:
    """The answer is no draft any more: show it, and beside it what was typed."""
    typed = [(form[name].label, form[name].value()) for name in WORDS if form[name].value()]
    context = {**_context(speaker, desk), "said": desk.answer, "refusal": refusal, "typed": typed}
    return render(request, "assessments/workspace_answer.html", context, status=CONFLICT)


def _send(request: HttpRequest, speaker: Speaker, desk: Desk, address: dict[str, str]) -> HttpResponse:
    here = redirect(_to(speaker, "counter_assessment", address))
    if desk.answer is None:
        return here
    key = _uuid(request.POST.get("submission_key", ""))
    version = request.POST.get("opened_version", "")
    if key is None or not version.isdecimal():
        return _check(request, speaker, desk, notice=_("The form came incomplete. Send it once more."), status=CONFLICT)
    try:
        sent = lifecycle.submit_counter_assessment(
            desk.answer, by=speaker.user, submission_key=key, opened_version=int(version)
        )
    except lifecycle.AnswersClosed as closed:
        return _said(request, speaker, desk, closed=closed)
    except lifecycle.RatingChanged:
        desk = _desk_or_404(speaker, address)
        return _form(request, speaker, desk, _opened_with(desk, {}), status=CONFLICT)
    except lifecycle.ChangedMeanwhile as conflict:
        if conflict.current.state in CounterAssessment.OPEN:
            notice = " ".join(conflict.messages)
            return _check(request, speaker, _desk_or_404(speaker, address), notice=notice, status=CONFLICT)
        messages.error(request, " ".join(conflict.messages))
        return here
    except ValidationError as refusal:
        missing = {name: " ".join(found) for name, found in refusal.message_dict.items()} if _by_field(refusal) else {}
        if missing:
            return _form(request, speaker, desk, _opened_with(desk, missing), status=UNPROCESSABLE)
        messages.error(request, " ".join(refusal.messages))
        return here
    _forget_taken_out(request, sent)
    reference = {"reference": sent.reference_number or ""}
    return redirect(_to(speaker, "counter_assessment_receipt", address, **reference))


def _by_field(refusal: ValidationError) -> bool:
    return hasattr(refusal, "error_dict")


def _forget_taken_out(request: HttpRequest, sent: CounterAssessment) -> None:
    taken_out = request.session.get(TAKEN_OUT, {})
    if any(taken_out.pop(evidence.key, None) for evidence in sent.attachments.all()):
        request.session[TAKEN_OUT] = taken_out


def _uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
