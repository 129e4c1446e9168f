from django.utils.translation import gettext_lazy as _

from commitments.revision import WatchedApp


class ReportsConfig(WatchedApp):
    name = "reports"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"
