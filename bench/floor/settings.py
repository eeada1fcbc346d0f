"""Django with sessions and logins and nothing else, on Stepwell's tables."""

from pathlib import Path

from stepwell.project.database import database_config
from stepwell.project.environment import Environment

_ENVIRONMENT = Environment.read()

SECRET_KEY = _ENVIRONMENT.secret_key
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.floor.urls"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "bench.floor",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parent],
        "OPTIONS": {},
    }
]
DATABASES = {"default": database_config(_ENVIRONMENT)}
AUTH_USER_MODEL = "floor.Login"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
