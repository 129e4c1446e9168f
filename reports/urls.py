from django.urls import path

from reports import commitment_page, plan_page, views

urlpatterns = [
    path("plans/", views.plans, name="plans"),
    path("plans/<slug:slug>/", plan_page.plan, name="plan"),
    path("plans/<slug:slug>/commitments/<str:code>/", commitment_page.commitment, name="commitment"),
]
