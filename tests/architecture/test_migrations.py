"""Migrations: one line for each app, nothing forgotten, each can be taken back or says that it cannot."""

import io

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

OURS = ("accounts", "audit", "clinic")


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


@pytest.mark.parametrize("app", OURS)
def test_the_migrations_of_an_app_form_one_line(loader, app):
    own = {key: m for key, m in loader.disk_migrations.items() if key[0] == app}
    parents = [d for m in own.values() for d in m.dependencies if d[0] == app]
    leaves = [key for key in loader.graph.leaf_nodes() if key[0] == app]
    assert len(leaves) == 1
    assert len(parents) == len(set(parents)) == len(own) - 1


@pytest.mark.parametrize("app", OURS)
def test_the_migrations_of_an_app_are_numbered_without_a_gap(loader, app):
    numbers = sorted(int(name[:4]) for a, name in loader.disk_migrations if a == app)
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_ground_never_waits_for_the_clinic(loader):
    upward = {
        (key, dependency)
        for key, migration in loader.disk_migrations.items()
        if key[0] in ("accounts", "audit")
        for dependency in migration.dependencies
        if dependency[0] == "clinic"
    }
    assert upward == set()


def test_no_change_of_a_model_waits_for_its_migration(db):
    out = io.StringIO()
    try:
        call_command("makemigrations", *OURS, check=True, dry_run=True, stdout=out, stderr=out)
    except SystemExit:
        pytest.fail(out.getvalue())
