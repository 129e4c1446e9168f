from django.urls import path
from django.views.generic import RedirectView

from commitments import account_views

urlpatterns = [
    path("invitation/<str:token>/", account_views.invitation, name="invitation"),
    path("profile/", account_views.profile, name="profile"),
    # An account has the one address that was invited; allauth's page for several has nothing to offer here.
    path("email/", RedirectView.as_view(pattern_name="profile")),
]
