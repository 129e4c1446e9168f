from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class OgptrackerConfig(AppConfig):
    name = "ogptracker"
    verbose_name = _("Open Government Partnership tracker")

    def ready(self) -> None:
        from ogptracker import checks  # noqa: F401 (registers them)


class AdminConfig(admin_apps.AdminConfig):
    default_site = "ogptracker.admin_site.TrackerAdminSite"
