"""How Django is connected with the database of these surroundings."""

from typing import Any

from stepwell.project.environment import Environment


def database_config(environment: Environment) -> dict[str, Any]:
    """Django's `DATABASES["default"]` for these surroundings; importable without a running server."""
    rest = environment.connection_parameters
    options: dict[str, Any] = {
        k: v for k, v in rest.items() if k not in ("dbname", "user", "password", "host", "port")
    }
    if environment.database_pool:
        # One request at a time per page process: it rarely holds more than one; the rest are spare.
        options["pool"] = {"min_size": 1, "max_size": environment.database_pool, "timeout": 10}
        # Statements of `clinic.prepared` are planned once for each connection that is kept, for any
        # parameters: each looks rows up by patient, person or site, where one plan fits all.
        options["prepare_threshold"] = 0
        # Everything looked up lies in memory or on a disk without a head to move, so an index costs little.
        options.setdefault("options", "-c plan_cache_mode=force_generic_plan -c random_page_cost=1.1")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": rest["dbname"],
        "USER": rest.get("user", ""),
        "PASSWORD": rest.get("password", ""),
        "HOST": rest.get("host", ""),
        "PORT": str(rest.get("port", "")),
        "CONN_MAX_AGE": 0,
        # A pooled connection is tried (one empty statement) before use: a restarted database then
        # costs nobody an error page.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
