from django.urls import path

from reports import views

urlpatterns = [
    path("plans/", views.plans, name="plans"),
    path("plans/<slug:slug>/", views.plan, name="plan"),
    path("plans/<slug:slug>/commitments/<str:code>/", views.commitment, name="commitment"),
]
