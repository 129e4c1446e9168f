"""The verbs: the one place that changes the state of a period, a rating or an answer.

Every verb runs in a transaction, locks what it changes (the period first, then what is in it), and reads the database's
clock after the lock. ``by`` is the user who acts; None only where a row is copied from a document.
"""

from assessments.lifecycle.acting import clock, held_for_entry, keep, locked, require
from assessments.lifecycle.answers import (
    AnswersClosed,
    ChangedMeanwhile,
    RatingChanged,
    answer_incompleteness,
    rating_to_answer,
    replace_counter_assessment,
    save_draft,
    submit_counter_assessment,
    takes_answer,
    versions_of,
    withdraw_counter_assessment,
)
from assessments.lifecycle.attachments import attach, detach
from assessments.lifecycle.moderation import (
    place_copy,
    publish_counter_assessment,
    return_counter_assessment,
    transcribe_counter_assessment,
    withhold_counter_assessment,
)
from assessments.lifecycle.periods import (
    open_period,
    publish_period,
    publish_plan,
    reopen_period,
    submitted_versions,
)
from assessments.lifecycle.ratings import (
    copy_forward,
    correct_self_assessment,
    incompleteness,
    return_self_assessment,
    submit_self_assessment,
)
from assessments.lifecycle.responses import correct_from_response, correct_response, publish_response
from assessments.lifecycle.versions import flags_in_force, publish_transcribed, refresh_flags

__all__ = [
    "AnswersClosed",
    "ChangedMeanwhile",
    "RatingChanged",
    "answer_incompleteness",
    "attach",
    "clock",
    "copy_forward",
    "correct_from_response",
    "correct_response",
    "correct_self_assessment",
    "detach",
    "flags_in_force",
    "held_for_entry",
    "incompleteness",
    "keep",
    "locked",
    "open_period",
    "place_copy",
    "publish_counter_assessment",
    "publish_period",
    "publish_plan",
    "publish_response",
    "publish_transcribed",
    "rating_to_answer",
    "refresh_flags",
    "reopen_period",
    "replace_counter_assessment",
    "require",
    "return_counter_assessment",
    "return_self_assessment",
    "save_draft",
    "submit_counter_assessment",
    "submit_self_assessment",
    "submitted_versions",
    "takes_answer",
    "transcribe_counter_assessment",
    "versions_of",
    "withdraw_counter_assessment",
    "withhold_counter_assessment",
]
