"""Pages for readers, which stand under a language."""

from django.urls import path

from assessments import disagreements

urlpatterns = [
    path("disagreements/", disagreements.latest_disagreements, name="latest_disagreements"),
    path("plans/<slug:slug>/disagreements/", disagreements.disagreements, name="disagreements"),
]
