"""The commands, in the order in which a newcomer needs them. Each module has `HELP`, `arguments(parser)`
and `run(options) -> exit code`."""

from types import ModuleType

from stepwell.cli.commands import (
    audit,
    curriculum,
    demo,
    doctor,
    eligibility,
    handoff,
    load_demo,
    migrate,
    open_site,
    serve,
    version,
    video,
    week,
    worker,
)

COMMANDS: dict[str, ModuleType] = {
    "demo": demo,
    "serve": serve,
    "worker": worker,
    "migrate": migrate,
    "open-site": open_site,
    "load-demo": load_demo,
    "handoff": handoff,
    "eligibility": eligibility,
    "week": week,
    "curriculum": curriculum,
    "video": video,
    "doctor": doctor,
    "audit": audit,
    "version": version,
}
