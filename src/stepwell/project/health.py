"""Two addresses for whoever watches the servers.

`/health/live`: this process answers; nothing else is looked at. `/health/ready`: people can work: the
database answers, no migration is missing and, in the demo, the demo clinic is there; otherwise 503
and JSON saying which.
"""

from typing import Any

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stepwell.project.environment import Environment

_seen_whole = False
"""Migrations do not un-apply under a running server: once seen whole, they are not read again."""


@never_cache
@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """200 only when people can work; otherwise 503, with what is missing."""
    missing = what_is_missing()
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)


def what_is_missing() -> dict[str, Any]:
    """Empty when people can work; otherwise what is missing, each with one sentence."""
    global _seen_whole
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _seen_whole:
            unapplied = unapplied_migrations()
            if unapplied:
                return {"migrations": f"{len(unapplied)} not applied; run stepwell migrate."}
            if Environment.read().demo and not demo_is_loaded():
                return {"demo": "The demo clinic is not loaded; run stepwell load-demo."}
            _seen_whole = True
    except Error:
        return {"database": "The database does not answer."}
    return {}


def unapplied_migrations() -> list[str]:
    """Names (`app.0001_name`) of migrations this code has and the database has not. One query."""
    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations or {})
    return sorted(f"{app}.{name}" for app, name in loader.graph.nodes if (app, name) not in applied)


def demo_is_loaded() -> bool:
    """Whether the demo clinic is in this database."""
    # By name, because the command line stands above this package and imports it.
    return bool(import_string("stepwell.cli.demo.is_loaded")())
