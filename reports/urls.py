from django.urls import path

from reports import commitment_page, draft_pages, organisation_pages, plan_page, released_views, views

urlpatterns = [
    path("reports/drafts/", draft_pages.drafts, name="report_drafts"),
    path("reports/drafts/<int:pk>/", draft_pages.draft, name="report_draft"),
    path("reports/drafts/<int:pk>/<str:language>.<str:form>", draft_pages.draft_file, name="report_draft_file"),
    path("reports/", released_views.reports, name="reports"),
    path("reports/SHA256SUMS", released_views.checksums, name="report_checksums"),
    path("reports/<slug:slug>/<int:number>/", released_views.report, name="report"),
    path("reports/<slug:slug>/<int:number>/<str:language>.<str:form>", released_views.report_file, name="report_file"),
    path("plans/", views.plans, name="plans"),
    path("plans/<slug:slug>/", plan_page.plan, name="plan"),
    path("plans/<slug:slug>/commitments/<str:code>/", commitment_page.commitment, name="commitment"),
    path("organisations/", organisation_pages.organisations, name="organisations"),
    path("organisations/<slug:slug>/", organisation_pages.organisation, name="organisation"),
]
