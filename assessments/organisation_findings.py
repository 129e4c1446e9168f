"""What the pages of organisations open with: sentences made of counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.counts import Agreement
from assessments.findings import direction_finding
from assessments.ledger import Comparison
from assessments.models import Response
from assessments.organisations import Appearance, InPlan


def organisations_finding(appearances: Sequence[Appearance]) -> str:
    """How many lead, are late, and answer; empty where nobody does."""
    leading = sum(bool(one.leads) for one in appearances)
    late = sum(bool(one.overdue) for one in appearances)
    answering = sum(bool(one.answers) for one in appearances)
    parts = []
    if leading:
        parts.append(
            ngettext("%(count)d leads commitments", "%(count)d lead commitments", leading) % {"count": leading}
        )
    if late:
        parts.append(
            ngettext("%(count)d has something overdue", "%(count)d have something overdue", late) % {"count": late}
        )
    if answering:
        parts.append(
            ngettext(
                "%(count)d has answered the government's ratings",
                "%(count)d have answered the government's ratings",
                answering,
            )
            % {"count": answering}
        )
    if not parts:
        return ""
    whole = ngettext(
        "Of %(count)d organisation, %(parts)s.", "Of %(count)d organisations, %(parts)s.", len(appearances)
    )
    return whole % {"count": len(appearances), "parts": ", ".join(parts)}


def duties_finding(plans: Sequence[InPlan], owed: int) -> str:
    """What an agency has to implement, how the government rates that, and what is late; empty where it has nothing."""
    total = sum(len(part.duties) for part in plans)
    if not total:
        return ""
    whole = any(part.ledger.rated_as_whole for part in plans if part.duties)
    rated = any(part.government.rated for part in plans)
    first = _DUTIES[rated, whole](total) % {"green": sum(part.government.green for part in plans), "total": total}
    sentences = [first]
    if overdue := sum(part.punctuality.overdue for part in plans):
        sentences.append(ngettext("%(count)d is overdue.", "%(count)d are overdue.", overdue) % {"count": overdue})
    if owed:
        sentences.append(
            ngettext("%(count)d response to NGOs is owed.", "%(count)d responses to NGOs are owed.", owed)
            % {"count": owed}
        )
    return " ".join(sentences)


# (whether any is rated, whether some are commitments as a whole) -> the sentence for a number of them.
_DUTIES = {
    (True, False): lambda total: ngettext(
        "The government rates %(green)d of the %(total)d milestone it implements completed or substantial.",
        "The government rates %(green)d of the %(total)d milestones it implements completed or substantial.",
        total,
    ),
    (True, True): lambda total: ngettext(
        "The government rates %(green)d of the %(total)d milestone or commitment it implements completed or "
        "substantial.",
        "The government rates %(green)d of the %(total)d milestones and commitments it implements completed or "
        "substantial.",
        total,
    ),
    (False, False): lambda total: ngettext(
        "It has %(total)d milestone to implement. The government has not published a rating yet.",
        "It has %(total)d milestones to implement. The government has not published a rating yet.",
        total,
    ),
    (False, True): lambda total: ngettext(
        "It has %(total)d milestone or commitment to implement. No rating of the government is on record.",
        "It has %(total)d milestones and commitments to implement. No rating of the government is on record.",
        total,
    ),
}


def answers_finding(answers: Sequence[Comparison], agreement: Agreement) -> str:
    """What an organisation answered and how that stands to the government's ratings; empty where it never did."""
    if not answers:
        return ""
    first = ngettext(
        "It has answered %(count)d rating of the government.",
        "It has answered %(count)d ratings of the government.",
        len(answers),
    ) % {"count": len(answers)}
    if not agreement.compared:
        return first
    second = ngettext(
        "Of its %(compared)d rating that can be compared: %(direction)s.",
        "Of its %(compared)d ratings that can be compared: %(direction)s.",
        agreement.compared,
    ) % {"compared": agreement.compared, "direction": direction_finding(agreement)}
    return f"{first} {second}"


def led_to_finding(answers: Sequence[Comparison]) -> str:
    """What came of an organisation's answers: responses of agencies, ratings changed, and silence."""
    responses: list[list[Any]] = [list(one.answers[0].assessment.responses.all()) for one in answers]
    answered = sum(bool(own) for own in responses)
    changed = sum(any(response.kind == Response.Kind.CHANGED for response in own) for own in responses)
    if not answered:
        return _("No response of an agency to any of them is recorded.")
    first = ngettext(
        "%(answered)d of %(total)d got a response of an agency.",
        "%(answered)d of %(total)d got a response of an agency.",
        len(answers),
    ) % {"answered": answered, "total": len(answers)}
    if not changed:
        return f"{first} {_('None of them changed a rating.')}"
    second = ngettext(
        "%(changed)d changed the government's rating.", "%(changed)d changed the government's rating.", changed
    ) % {"changed": changed}
    return f"{first} {second}"


def part_finding(plans: int, meetings: int) -> str:
    """How an organisation that neither implements nor answers took part."""
    if plans:
        return ngettext(
            "It is named in the commitments of %(count)d plan.",
            "It is named in the commitments of %(count)d plans.",
            plans,
        ) % {"count": plans}
    if meetings:
        return ngettext(
            "It took part in %(count)d meeting or round of the plans.",
            "It took part in %(count)d meetings and rounds of the plans.",
            meetings,
        ) % {"count": meetings}
    return _("It stands in the record without a part in a commitment.")
