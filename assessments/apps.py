from django.utils.translation import gettext_lazy as _

from commitments.revision import WatchedApp


class AssessmentsConfig(WatchedApp):
    name = "assessments"
    verbose_name = _("Assessments")
    default_auto_field = "django.db.models.BigAutoField"
    unwatched = {
        "AnswerNumbers": "The last reference number of a year; the numbers themselves stand on the answers.",
        "SentReminder": "Mail that went out.",
    }
