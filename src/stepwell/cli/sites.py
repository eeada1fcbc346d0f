"""Which site a command is about, and taking something in for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from stepwell.project.unready import Unready


def site_called(name: str) -> Any:
    """The site of that name, or the only one. Raises `Unready` when it is not clear which."""
    from stepwell.clinic.people.queries import all_sites

    sites = list(all_sites())
    found = [site for site in sites if name in ("", site.name)]
    if len(found) == 1:
        return found[0]
    if not sites:
        raise Unready("There is no site yet; make one first.")
    names = ", ".join(f"“{site.name}”" for site in sites)
    raise Unready(f"Say for which site it is with --site: {names}.")


def taken_in(action: Callable[..., Any], site_name: str, at: datetime, **what: Any) -> tuple[Any, Any]:
    """The row that Stepwell's own `action` made for the site, and the site. Raises `Unready` with the sentence of a
    refusal."""
    from stepwell.accounts.actor import stepwell_itself
    from stepwell.clinic.refusal import Refused

    site = site_called(site_name)
    try:
        return action(by=stepwell_itself(), at=at, site=site, **what), site
    except Refused as no:
        raise Unready(no.sentence) from no
