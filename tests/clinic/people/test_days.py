"""Roles and credentials hold by the calendar of the site, not by that of Greenwich."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Credential, StaffRole
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.site_days import site_day
from tests.making import make_site, make_staff

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 3, 19, 3, 30, tzinfo=UTC)
"""Half past eleven in the evening of March 18 in New York; in UTC it is March 19."""

MORNING = datetime(2026, 3, 18, 14, 30, tzinfo=UTC)
"""Half past eleven in the evening of March 18 in Tokyo is 14:30 UTC; at 15:30 UTC it is March 19 there."""


def held(staff, at):
    return actor_of(staff.user, at=at).all_roles


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "holds"),
    [
        (date(2026, 3, 18), None, True),
        (date(2026, 3, 19), None, False),
        (date(2026, 3, 1), date(2026, 3, 18), True),
        (date(2026, 3, 1), date(2026, 3, 17), False),
    ],
)
def test_late_in_the_evening_the_roles_of_that_day_hold(starts_on, ends_on, holds):
    staff = make_staff(make_site(), Role.COUNSELOR)
    StaffRole.objects.filter(staff=staff).update(starts_on=starts_on, ends_on=ends_on)
    assert (Role.COUNSELOR in held(staff, EVENING)) is holds


def test_somebody_whose_last_day_it_is_works_until_midnight_at_the_site():
    staff = make_staff(make_site(), Role.COUNSELOR, ends_on=date(2026, 3, 18))
    assert held(staff, EVENING) == {Role.COUNSELOR}
    assert held(staff, datetime(2026, 3, 19, 4, 0, tzinfo=UTC)) == set()


def test_each_site_has_its_own_day():
    staff = make_staff(make_site(zone="America/New_York"), Role.COUNSELOR)
    far = make_site(zone="Asia/Tokyo")
    StaffRole.objects.create(staff=staff, role=Role.DIRECTOR, site=far, starts_on=date(2026, 3, 19))
    assert actor_of(staff.user, at=MORNING).roles.get(far.pk) is None
    there = actor_of(staff.user, at=datetime(2026, 3, 18, 15, 30, tzinfo=UTC)).roles
    assert there[far.pk] == {Role.DIRECTOR}
    assert site_day(far, datetime(2026, 3, 18, 15, 30, tzinfo=UTC)) == date(2026, 3, 19)


@pytest.mark.parametrize(
    ("expires_on", "shown"), [(date(2026, 3, 18), "LPC"), (date(2026, 3, 17), ""), (None, "LPC")]
)
def test_a_credential_counts_through_its_last_day_at_the_site(expires_on, shown):
    staff = make_staff(make_site(), Role.COUNSELOR)
    Credential.objects.filter(staff=staff).update(expires_on=expires_on)
    assert actor_of(staff.user, at=EVENING).credential == shown
