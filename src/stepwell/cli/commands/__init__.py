"""The commands, in the order in which a newcomer needs them. Each module has `HELP`, `arguments(parser)`
and `run(options) -> exit code`."""

from types import ModuleType

from stepwell.cli.commands import (
    audit,
    curriculum,
    demo,
    doctor,
    draw,
    eligibility,
    handoff,
    instruments,
    lab,
    load_demo,
    migrate,
    open_site,
    place,
    plan_library,
    score,
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
    "lab": lab,
    "draw": draw,
    "score": score,
    "instruments": instruments,
    "week": week,
    "curriculum": curriculum,
    "plan-library": plan_library,
    "place": place,
    "video": video,
    "doctor": doctor,
    "audit": audit,
    "version": version,
}
