"""Every address, asked by everybody, for what is theirs and for what is not.

One test for each login. What is expected follows from `table.py` and `accounts.permissions.TABLE` alone.
"""

from __future__ import annotations

import pytest

from stepwell.accounts.permissions import allows
from stepwell.accounts.roles import STAFF_ROLES, Role
from tests.access.asking import Answered, address, ask, browser, names_rows
from tests.access.routes import Route, routes
from tests.access.table import ROUTES, Audience, Line
from tests.access.words import read_in, too_much
from tests.access.world import B, P, Q, S, World

STAFF = sorted(role.value for role in STAFF_ROLES)
STRANGERS = [f"other site's {role}" for role in ("director", "prescriber", "biller")]
FAMILY = [f"family F{number}" for number in (1, 2, 3, 4)]
PATIENTS = ["patient P", "patient Q"]
EVERYBODY = ["nobody", *STAFF, *STRANGERS, *PATIENTS, *FAMILY]
OWN = {"patient P": P, "patient Q": Q}

FOUND = {name: route for name, route in routes().items() if name in ROUTES}

F1_MAY_READ = (P + "-sister", P + "-called", P + "-given", P + "-family-homework-1")
"""What F1's consent names: who it is about, the schedule, and homework given to F1."""


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_is_open_to_whom_the_table_says_and_to_nobody_else(world, who):
    client, wrong = browser(world, who), []
    for route, line in ((FOUND[name], ROUTES[name]) for name in FOUND):
        strange = {}
        for target, url in targets(world, route, line, who):
            answer = ask(client, "get", url)
            expected = statuses(who, line, target)
            faults = [] if answer.status in expected else [f"{answer.status}, not {sorted(expected)}"]
            faults += [f"GET wrote {answer.wrote}"] if answer.wrote else []
            faults += faults_of_body(world, who, target, route, answer)
            wrong += [f"GET {route.name} of {target} ({url}): {fault}" for fault in faults]
            strange[target] = (answer.status, answer.body)
        looks = {strange[target] for target in (S, "missing") if strange.get(target, (200,))[0] >= 400}
        if len(looks) > 1 and not line.shared:
            wrong.append(f"GET {route.name}: a stranger's row does not look like a missing one")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", EVERYBODY)
def test_what_may_not_be_opened_may_not_be_sent_either(world, who):
    """With an empty form: refused in the same way, nothing written. What may be sent is tried in test_fuzz.py."""
    client, wrong = browser(world, who), []
    for route, line in ((FOUND[name], ROUTES[name]) for name in FOUND):
        if line.audience in (Audience.PUBLIC, Audience.SIGNED_IN):
            continue  # forms that everybody may send
        for target, url in targets(world, route, line, who):
            if may(who, line, target):
                continue
            answer = ask(client, "post", url)
            faults = faults_of_body(world, who, target, route, answer)
            refused = refusals(who, line, target)
            faults += [] if answer.status in refused else [f"{answer.status}, not {sorted(refused)}"]
            faults += [f"wrote {answer.wrote}"] if answer.wrote else []
            wrong += [f"POST {route.name} of {target} ({url}): {fault}" for fault in faults]
    assert not wrong, "\n".join(wrong)


def test_a_code_in_small_letters_opens_no_more_than_in_capitals(world):
    route, line = FOUND["desk:chart"], ROUTES["desk:chart"]
    client = browser(world, "counselor")
    own, strange = (address(world, route, line, person) for person in (P, S))
    assert ask(client, "get", own.lower()).status == 200
    assert ask(client, "get", strange.lower()).status == 404
    assert ask(client, "get", strange.swapcase()).status == 404


# -- what is asked for --


def targets(world: World, route: Route, line: Line, who: str) -> list[tuple[str, str]]:
    """(Whose, address): own, other patients', a missing row, and an own code with somebody else's row below it.

    Who may open nothing of this route is asked about one row only: the answer comes before any row is looked for.
    """
    names = names_rows(route, line)
    if not names:
        return [("everybody's", address(world, route, line, P))]
    role = role_of(who)
    if line.audience is Audience.STAFF and not (role and line.permission and allows({role}, line.permission)):
        return [(P, address(world, route, line, P))]
    if who.startswith("other site's"):
        asked = [(P, address(world, route, line, P))]
        pairs = [(S, P)]
    else:
        people = (P, Q, S, "missing") if who in ("director", *OWN, *FAMILY) else (P, S, "missing")
        asked = [(person, address(world, route, line, person)) for person in people]
        pairs = [(P, Q), (P, S)]
    if len(names) > 1:
        whole = {address(world, route, line, person) for person in (P, Q, S)}
        mixed = [
            (f"{own} with a row of {other}", address(world, route, line, own, rows_of=other))
            for own, other in pairs
        ]
        asked += [(target, url) for target, url in mixed if url not in whole]
    return asked


# -- what is expected --


def role_of(who: str) -> Role | None:
    name = who.removeprefix("other site's ")
    return Role(name) if name in STAFF else None


def at_home(who: str, target: str) -> bool:
    """Whether the row belongs to the site of this staff member."""
    home = (S,) if who.startswith("other site's") else (P, Q)
    return target == "everybody's" or target in home


def may(who: str, line: Line, target: str) -> bool:
    """Whether this login may open (or send to) this address, policies of the step aside."""
    if line.audience in (Audience.PUBLIC, Audience.DEMO):
        return True
    if line.audience is Audience.SIGNED_IN:
        return who != "nobody"
    if line.audience is Audience.STAFF:
        role = role_of(who)
        held = {role} if role else set()
        asked = (line.permission, *line.also)
        return (
            bool(role)
            and all(allows(held, p) for p in asked if p)
            and (
                at_home(who, target) or (target != "missing" and (line.shared or role is line.everywhere_for))
            )
        )
    if line.audience is Audience.PATIENT:
        return who in OWN and target in ("everybody's", OWN[who])
    return who == "family F1" and target in ("everybody's", P)


def statuses(who: str, line: Line, target: str) -> set[int]:
    """The statuses with which GET may answer."""
    if may(who, line, target):
        if line.audience is Audience.STAFF and line.narrower:
            return {*line.get, 403}
        return set(line.get)
    if line.get == (405,):
        return refusals(who, line, target) | {405}  # the method is wrong for everybody
    return refusals(who, line, target)


def refusals(who: str, line: Line, target: str) -> set[int]:
    if who == "nobody":
        return {302}
    if line.audience is Audience.STAFF:
        role = role_of(who)
        if role is None:
            return {404}
        return {404} if line.permission and allows({role}, line.permission) else {403}
    if line.audience is Audience.FAMILY and who in FAMILY:
        return {200} if who != "family F1" else {404}  # "nothing to see": the body is looked at below
    return {404}


def faults_of_body(world: World, who: str, target: str, route: Route, answer: Answered) -> list[str]:
    """Words in the answer that this login must not read, and how it may be kept."""
    allowed = readable(who, target, route)
    faults = [f"says {word}" for word in sorted(read_in(answer.body)) if not word.startswith(allowed)]
    role = role_of(who)
    if role is not None:
        faults += [f"says {word} to a {role}" for word in too_much(read_in(answer.body), role)]
    faults += [f"tells {what}" for what, secret in world.secrets.items() if secret in answer.body]
    faults += [
        f"names the chart of {person}"
        for person, code in world.codes.items()
        if f"/patients/{code}/" in answer.body and person not in charts(who)
    ]
    if who == "nobody":
        closed = ROUTES[route.name].audience not in (Audience.PUBLIC, Audience.DEMO)
        if closed and answer.status == 302 and not answer.location.startswith("/accounts/login/?next="):
            faults.append(f"leads nobody to {answer.location}")
    elif answer.cache != "no-store" and ROUTES[route.name].audience is not Audience.PUBLIC:
        faults.append(f"may be kept: Cache-Control {answer.cache!r}")
    return faults


def charts(who: str) -> tuple[str, ...]:
    """Whose charts this login may hear of."""
    role = role_of(who)
    if role is None or role is Role.SYSTEM_ADMIN:
        return ()
    return (S,) if who.startswith("other site's") else (P, Q)


def readable(who: str, target: str, route: Route) -> tuple[str, ...]:
    """Beginnings of the words that this login may read there."""
    role = role_of(who)
    if ROUTES[route.name].audience is Audience.PUBLIC:
        return (B, OWN[who]) if who in OWN else (B,)  # sites are no secret; people are
    if role is Role.SYSTEM_ADMIN:
        return (B,)  # logins of all staff are its work; patients are not
    if who.startswith("other site's"):
        return (S, B)
    if role is not None:
        # A chart shows its own patient only: who sat beside them in a group stays out of it.
        chart = "code" in route.names_in_address and ROUTES[route.name].kinds.get("code") is None
        return (target,) if chart and target in (P, Q) else (P, Q)
    if who in OWN:
        return (OWN[who],)
    return F1_MAY_READ if who == "family F1" else ()
