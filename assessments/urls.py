from django.urls import re_path

from assessments import views

urlpatterns = [
    re_path(r"^evidence/(?P<key>[0-9a-f]{32})/$", views.evidence, name="evidence"),
]
