"""The table of routes is whole, and says the same as the views."""

from __future__ import annotations

import pytest

from tests.access.routes import Route, routes
from tests.access.table import ROUTES, Audience

FOUND = routes()


def test_every_route_is_in_the_table():
    forgotten = sorted(set(FOUND) - set(ROUTES))
    assert not forgotten, "Say in tests/access/table.py who may open: " + ", ".join(
        _suggested(FOUND[name]) for name in forgotten
    )


def test_every_line_of_the_table_is_a_route():
    gone = sorted(set(ROUTES) - set(FOUND))
    assert not gone, "These are no routes any more; take them out of tests/access/table.py: " + ", ".join(
        gone
    )


@pytest.mark.parametrize("name", sorted(set(FOUND) & set(ROUTES)))
def test_the_view_says_the_same_as_the_table(name):
    route, line = FOUND[name], ROUTES[name]
    if line.audience is Audience.STAFF:
        assert route.permission == line.permission, f"{name}: {route.view} declares {route.permission}."
    elif line.audience in (Audience.PATIENT, Audience.FAMILY):
        assert (route.permission, route.audience) == (None, line.audience.value)
    else:
        declared = route.audience == line.audience.value
        assert (route.permission, declared or not route.audience) == (None, True), f"{name}: {route.view}."
        assert declared or not route.view.startswith("stepwell.desk."), f"{route.view} needs @staff_page."


def test_staff_pages_are_never_declared_by_chance():
    """Whatever the desk shows carries `staff_page`: a view without it would be open to the world."""
    open_ones = [r.name for r in FOUND.values() if r.view.startswith("stepwell.desk.") and not r.permission]
    # a device at the door, the tablet of the lobby, and one that was handed to a patient: nobody is signed in there
    assert open_ones == ["desk:tablet", "desk:tablet_end", "desk:plan_in_hand", "desk:kiosk"]


def _suggested(route: Route) -> str:
    values = "".join(f', {name}="…"' for name in route.names_in_address if name in ("number", "kind", "slug"))
    if route.permission:
        return f'"{route.name}": staff(P.{route.permission.name}{values})'
    return f'"{route.name}": {route.audience or "public"}({values[2:]})'
