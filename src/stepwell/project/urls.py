"""Every address of Stepwell. The access matrix in tests/access fails on a route that it does not know."""

from __future__ import annotations

from django.urls import include, path

from stepwell.accounts import held, own
from stepwell.project import health, home, video

handler400 = "stepwell.project.errors.bad_request"
handler403 = "stepwell.project.errors.forbidden"
handler404 = "stepwell.project.errors.not_found"
handler500 = "stepwell.project.errors.broken"

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("home/", home.home, name="home"),
    # Before the library's own: the clinic makes and changes logins, nobody signs up.
    path("accounts/held/", held.held_form, name="held_form"),
    path("accounts/email/", own.own_account, name="account_email"),
    path("accounts/signup/", own.not_here, name="account_signup"),
    path("accounts/confirm-email/", own.not_here, name="account_email_verification_sent"),
    path("accounts/confirm-email/<str:key>/", own.not_here, name="account_confirm_email"),
    path("accounts/login/code/confirm/", own.not_here, name="account_confirm_login_code"),
    path("accounts/", include("allauth.urls")),
    path("video/<int:session_id>/entrance/", video.entrance, name="video_entrance"),
    path("video/<int:session_id>/line/", video.line, name="video_line"),
    path("video/<int:session_id>/words/", video.words, name="video_words"),
    path("video/<int:session_id>/door/", video.door, name="video_door"),
    path("video/<int:session_id>/exit/", video.exit_, name="video_exit"),
    path("", include("stepwell.pocket.urls")),
    path("", include("stepwell.front.urls")),
    path("", include("stepwell.desk.urls")),
    path("gallery/", include("stepwell.ui.urls")),
]
