"""A real clinic begins: one site, one director who can sign in, or one sentence and nothing."""

from __future__ import annotations

import argparse

import pytest

from stepwell.accounts.models import User
from stepwell.accounts.roles import Role
from stepwell.cli.commands.open_site import open_with_director
from stepwell.clinic.people.models import Site, StaffRole
from stepwell.project.unready import Unready

pytestmark = pytest.mark.django_db
GOOD = "three-quiet-rivers-7"


def asked(**changed: str) -> argparse.Namespace:
    facts = {
        "name": "Riverside",
        "zone": "America/Chicago",
        "director": "Ruth Abara",
        "email": "ruth@example.org",
    }
    return argparse.Namespace(**{**facts, **changed})


def test_the_first_director_can_sign_in_and_set_up_the_rest():
    open_with_director(asked(), GOOD)
    assert Site.objects.get().zone == "America/Chicago"
    assert User.objects.get(email="ruth@example.org").check_password(GOOD)
    assert set(StaffRole.objects.values_list("role", flat=True)) == {Role.DIRECTOR, Role.SYSTEM_ADMIN}


@pytest.mark.parametrize(
    ("changed", "password", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, GOOD, "zone"),
        ({"email": "not an address"}, GOOD, "valid email"),
        ({}, "short", "too short"),
        ({"name": "  "}, GOOD, "needs a name"),
        ({"director": " "}, GOOD, "needs a name"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_leaves_nothing_behind(changed, password, sentence):
    with pytest.raises(Unready, match=sentence):
        open_with_director(asked(**changed), password)
    assert (Site.objects.count(), User.objects.count()) == (0, 0)
