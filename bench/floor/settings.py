"""Django with sessions and logins, and nothing else of Stepwell's middleware."""

from stepwell.project.settings import *  # noqa: F403 - the floor stands on the same tables
from stepwell.project.settings import INSTALLED_APPS as ALL
from stepwell.project.settings import PACKAGE

INSTALLED_APPS = [app for app in ALL if not app.startswith("allauth")]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]

ROOT_URLCONF = "bench.floor.urls"
WSGI_APPLICATION = None
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE.parents[1] / "bench" / "floor"],
        "OPTIONS": {},
    }
]
