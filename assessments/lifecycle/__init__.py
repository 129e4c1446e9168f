"""The verbs: the one place that changes the state of a period, a rating or an answer.

Every verb runs in a transaction, locks what it changes (the period first, then what is in it), and reads the database's
clock after the lock. ``by`` is the user who acts; None only where a row is copied from a document.
"""

from assessments.lifecycle.acting import clock, held_for_entry, keep, require
from assessments.lifecycle.answers import publish_counter_assessment, publish_response
from assessments.lifecycle.periods import open_period, publish_period, publish_plan, reopen_period
from assessments.lifecycle.ratings import (
    copy_forward,
    correct_self_assessment,
    incompleteness,
    return_self_assessment,
    submit_self_assessment,
)
from assessments.lifecycle.versions import flags_in_force, publish_transcribed, refresh_flags

__all__ = [
    "clock",
    "copy_forward",
    "correct_self_assessment",
    "flags_in_force",
    "held_for_entry",
    "incompleteness",
    "keep",
    "open_period",
    "publish_counter_assessment",
    "publish_period",
    "publish_plan",
    "publish_response",
    "publish_transcribed",
    "refresh_flags",
    "reopen_period",
    "require",
    "return_self_assessment",
    "submit_self_assessment",
]
