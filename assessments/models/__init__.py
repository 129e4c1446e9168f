from assessments.models.assessments import CounterAssessment, Response, SelfAssessment, day_start
from assessments.models.beside import Claim, Evidence, IndependentReview
from assessments.models.periods import ReportingPeriod

__all__ = [
    "Claim",
    "CounterAssessment",
    "Evidence",
    "IndependentReview",
    "ReportingPeriod",
    "Response",
    "SelfAssessment",
    "day_start",
]
