from django.urls import path

from reports import commitment_page, organisation_pages, plan_page, views

urlpatterns = [
    path("plans/", views.plans, name="plans"),
    path("plans/<slug:slug>/", plan_page.plan, name="plan"),
    path("plans/<slug:slug>/commitments/<str:code>/", commitment_page.commitment, name="commitment"),
    path("organisations/", organisation_pages.organisations, name="organisations"),
    path("organisations/<slug:slug>/", organisation_pages.organisation, name="organisation"),
]
