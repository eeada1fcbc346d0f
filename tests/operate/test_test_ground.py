import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_tests_have_a_migrated_database_of_their_own():
    from stepwell.project.health import unapplied_migrations

    assert unapplied_migrations() == []
    assert connection.settings_dict["NAME"].startswith("test_")
