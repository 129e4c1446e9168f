from reports.models.comments import Comment
from reports.models.drafts import DraftDownload, DraftFile
from reports.models.releases import Release, ReportFile
from reports.models.reports import Report, period_words
from reports.models.sections import ReportSection

__all__ = [
    "Comment",
    "DraftDownload",
    "DraftFile",
    "Release",
    "Report",
    "ReportFile",
    "ReportSection",
    "period_words",
]
