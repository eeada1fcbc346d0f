"""Django's settings. What a site may decide comes from `environment`; the rest is the house's way."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONCE, SELF

from stepwell.project.database import database_config
from stepwell.project.environment import Environment
from stepwell.project.logs import logging_config

ENVIRONMENT = Environment.read()
PACKAGE = Path(__file__).resolve().parents[1]

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
STEPWELL_DEMO = ENVIRONMENT.demo
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
CSRF_TRUSTED_ORIGINS = sorted(ENVIRONMENT.page_origins)
ROOT_URLCONF = "stepwell.project.urls"
WSGI_APPLICATION = "stepwell.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",  # allauth's session list speaks of times
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "stepwell.audit",
    "stepwell.accounts",
    "stepwell.clinic",
    "stepwell.ui",
    "stepwell.jobs",
    "stepwell.edi",
]

MIDDLEWARE = [
    "stepwell.project.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "stepwell.project.static_files.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "stepwell.desk.arrivals.device.KioskLock",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "stepwell.project.sending.NoMoreThanWords",
    "stepwell.project.asking.WhoAsks",
    "stepwell.accounts.middleware.NoStore",
    "stepwell.accounts.middleware.NoDevices",
    "stepwell.accounts.middleware.SecondFactor",
    "stepwell.accounts.middleware.IdleLock",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "stepwell.ui.jinja.environment"},
    },
    {
        # Only for pages that a library brings: allauth's, under our shell.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "ui" / "django"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database_config(ENVIRONMENT)}
CACHES = {
    "default": {
        # In PostgreSQL, so that lockouts count across all server processes.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "stepwell_cache",
        # Django would keep 300 and throw living ones away beyond: whoever tries from many addresses at once
        # would wipe out the locks of others.
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/home/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "stepwell.accounts.adapter.ClosedDoor"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # neutral: a letter's subject names no program
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {
    # By account and by address; counted in the shared cache.
    # The account first: a locked account must not use up the tries of its address.
    "login_failed": "5/10m/key,50/10m/ip",
    "login": "60/m/ip",
    "reset_password": "20/h/ip,5/h/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Stepwell"
# Passkeys belong to the https origin they were made for; only on one's own machine is http://localhost taken too.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.secure and ENVIRONMENT.on_this_machine_only
USERSESSIONS_TRACK_ACTIVITY = False

# Letters are files in the home folder unless the site names its mail server.
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if ENVIRONMENT.smtp
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = ENVIRONMENT.home / "outbox"
EMAIL_TIMEOUT = 10
if ENVIRONMENT.smtp:
    EMAIL_HOST, EMAIL_PORT = ENVIRONMENT.smtp.host, ENVIRONMENT.smtp.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ENVIRONMENT.smtp.user, ENVIRONMENT.smtp.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = ENVIRONMENT.smtp.tls_at_once, ENVIRONMENT.smtp.starttls
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from

IDLE_LOCK_MINUTES = 15
"""HIPAA Security Rule, automatic logoff (45 CFR 164.312(a)(2)(iii)); 15 minutes for staff."""

# In the session, not in a cookie: "Ana R. has a seat" must not stay behind in a browser.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_ENGINE = "stepwell.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.secure
CSRF_COOKIE_SECURE = ENVIRONMENT.secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # gone with the browser: a year of it would tell whoever shares the device
CSRF_FAILURE_VIEW = "stepwell.project.errors.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if ENVIRONMENT.secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.secure else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *ENVIRONMENT.live_origins],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True  # static files are served from the packages: nothing to collect
WHITENOISE_MAX_AGE = 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LOGGING = logging_config(ENVIRONMENT)
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "timers"
