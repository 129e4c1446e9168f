from django.urls import path

from reports import organisation_pages, views

urlpatterns = [
    path("plans/", views.plans, name="plans"),
    path("plans/<slug:slug>/", views.plan, name="plan"),
    path("plans/<slug:slug>/commitments/<str:code>/", views.commitment, name="commitment"),
    path("organisations/", organisation_pages.organisations, name="organisations"),
    path("organisations/<slug:slug>/", organisation_pages.organisation, name="organisation"),
]
