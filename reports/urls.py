from django.urls import path

from reports import draft_pages, organisation_pages, views

urlpatterns = [
    path("reports/drafts/", draft_pages.drafts, name="report_drafts"),
    path("reports/drafts/<int:pk>/", draft_pages.draft, name="report_draft"),
    path("reports/drafts/<int:pk>/<str:language>.<str:form>", draft_pages.draft_file, name="report_draft_file"),
    path("plans/", views.plans, name="plans"),
    path("plans/<slug:slug>/", views.plan, name="plan"),
    path("plans/<slug:slug>/commitments/<str:code>/", views.commitment, name="commitment"),
    path("organisations/", organisation_pages.organisations, name="organisations"),
    path("organisations/<slug:slug>/", organisation_pages.organisation, name="organisation"),
]
