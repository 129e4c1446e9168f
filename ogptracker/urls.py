from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from ogptracker import accounts, pages, search

urlpatterns = [
    path("", pages.root, name="root"),
    path("healthz", pages.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("api/", include("ogptracker.api")),
    path("", include("assessments.urls")),
    *i18n_patterns(
        path("", pages.home, name="home"),
        path("search/", search.search, name="search"),
        path("", include("reports.urls")),
        path("counter-assessments/", include("assessments.answer_urls")),
        path("", include("assessments.page_urls")),
        path("accounts/", include("commitments.account_urls")),
        path("accounts/2fa/totp/activate/", accounts.activate_second_factor, name="mfa_activate_totp"),
        path("accounts/", include("allauth.urls")),
    ),
]
