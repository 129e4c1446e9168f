"""Where organisations answer; included below ``/<language>/counter-assessments/``."""

from django.urls import include, path, re_path

from assessments import answer_views as views

urlpatterns = [
    path("", views.workspace, name="counter_assessments"),
    re_path(
        r"^(?P<plan>[-\w]+)/(?P<period>[-\w]+)/(?P<code>[-\w.]+)/",
        include(
            [
                path("", views.answer, name="counter_assessment"),
                path("check/", views.check, name="counter_assessment_check"),
                path("receipt/<slug:reference>/", views.receipt, name="counter_assessment_receipt"),
                path("replace/", views.replace, name="counter_assessment_replace"),
                path("withdraw/", views.withdraw, name="counter_assessment_withdraw"),
                path("draft.txt", views.draft_text, name="counter_assessment_draft"),
            ]
        ),
    ),
]
