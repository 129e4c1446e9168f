from assessments.models.answers import AnswerNumbers, CounterAssessment
from assessments.models.assessments import SelfAssessment
from assessments.models.beside import Claim, Evidence, IndependentReview
from assessments.models.periods import ReportingPeriod, day_start
from assessments.models.reminders import SentReminder
from assessments.models.responses import Response

__all__ = [
    "AnswerNumbers",
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
