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
    """How many lead, implement and answer; empty of nobody."""
    leading = sum(bool(one.leads) for one in appearances)
    late = sum(bool(one.overdue) for one in appearances)
    answering = sum(bool(one.answers) for one in appearances)
    sentences = []
    if leading:
        sentences.append(
            ngettext(
                "%(count)d organisation leads commitments.", "%(count)d organisations lead commitments.", leading
            )
            % {"count": leading}
        )
    if late:
        sentences.append(
            ngettext(
                "%(count)d has something overdue to implement.", "%(count)d have something overdue to implement.", late
            )
            % {"count": late}
        )
    if answering:
        sentences.append(
            ngettext(
                "%(count)d has answered the government's ratings.",
                "%(count)d have answered the government's ratings.",
                answering,
            )
            % {"count": answering}
        )
    return " ".join(sentences)


def duties_finding(plans: Sequence[InPlan], owed: int) -> str:
    """What an agency has to implement, how the government rates that, and what is late; empty where it has nothing."""
    total = sum(len(part.duties) for part in plans)
    if not total:
        return ""
    rated = sum(part.government.rated for part in plans)
    if rated:
        first = ngettext(
            "The government rates %(green)d of the %(total)d step it has to implement completed or substantial.",
            "The government rates %(green)d of the %(total)d steps it has to implement completed or substantial.",
            total,
        ) % {"green": sum(part.government.green for part in plans), "total": total}
    else:
        first = ngettext(
            "It has %(total)d step to implement; the government has not rated it yet.",
            "It has %(total)d steps to implement; the government has not rated them yet.",
            total,
        ) % {"total": total}
    sentences = [first]
    if overdue := sum(part.punctuality.overdue for part in plans):
        sentences.append(ngettext("%(count)d is overdue.", "%(count)d are overdue.", overdue) % {"count": overdue})
    if owed:
        sentences.append(
            ngettext("%(count)d response to NGOs is owed.", "%(count)d responses to NGOs are owed.", owed)
            % {"count": owed}
        )
    return " ".join(sentences)


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
