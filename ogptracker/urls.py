from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from ogptracker import about, accounts, calendars, data, feeds, pages, search
from ogptracker.sitemap import SITEMAPS, robots

urlpatterns = [
    path("", pages.root, name="root"),
    path("healthz", pages.healthz, name="healthz"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("admin/", admin.site.urls),
    path("api/", include("ogptracker.api")),
    path("", include("assessments.urls")),
    *i18n_patterns(
        path("", pages.home, name="home"),
        path("search/", search.search, name="search"),
        path("changes/", feeds.changes, name="changes"),
        path("feed.atom", feeds.feed, name="feed"),
        path("plans/<slug:slug>/feed.atom", feeds.plan_feed, name="plan_feed"),
        path("plans/<slug:slug>/commitments/<str:code>/feed.atom", feeds.commitment_feed, name="commitment_feed"),
        path("deadlines.ics", calendars.deadlines, name="deadlines"),
        path("plans/<slug:slug>/deadlines.ics", calendars.plan_deadlines, name="plan_deadlines"),
        path("data/", data.open_data, name="data"),
        path("about/", about.about, name="about"),
        path("privacy/", about.privacy, name="privacy"),
        path("accessibility/", about.accessibility, name="accessibility"),
        path("", include("reports.urls")),
        path("counter-assessments/", include("assessments.answer_urls")),
        path("", include("assessments.page_urls")),
        path("accounts/", include("commitments.account_urls")),
        path("accounts/2fa/totp/activate/", accounts.activate_second_factor, name="mfa_activate_totp"),
        path("accounts/", include("allauth.urls")),
    ),
]
