from django.utils.translation import gettext_lazy as _

from commitments.revision import WatchedApp


class CommitmentsConfig(WatchedApp):
    name = "commitments"
    verbose_name = _("Commitments")
    default_auto_field = "django.db.models.BigAutoField"
    unwatched = {
        "User": "People are named nowhere in public; signing in writes here.",
        "User_groups": "Roles decide what the signed-in see.",
        "User_user_permissions": "Likewise.",
        "Membership": "Who speaks for an organisation decides what the signed-in see.",
        "Invitation": "Letters to people.",
        "PendingImport": "A file that waits for its confirmation.",
    }
