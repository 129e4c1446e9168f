from assessments.models.assessments import CounterAssessment, SelfAssessment
from assessments.models.beside import Claim, Evidence, IndependentReview
from assessments.models.periods import ReportingPeriod, day_start
from assessments.models.reminders import SentReminder
from assessments.models.responses import Response

__all__ = [
    "Claim",
    "CounterAssessment",
    "Evidence",
    "IndependentReview",
    "ReportingPeriod",
    "Response",
    "SelfAssessment",
    "SentReminder",
    "day_start",
]
