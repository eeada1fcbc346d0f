"""Settings: what is given is checked, what is not given is safe."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests import postgres

from stepwell.project.database import database_config
from stepwell.project.environment import Environment
from stepwell.project.outside import connection_parameters_of
from stepwell.project.unready import Unready


def test_nothing_given_means_this_machine_only():
    found = Environment.read({"HOME": "/nowhere"})
    assert (found.host, found.port, found.live_port, found.demo, found.database_url) == (
        "127.0.0.1",
        8000,
        8001,
        False,
        None,
    )
    assert found.allowed_hosts == ["127.0.0.1", "localhost", "[::1]"]
    assert found.live_url("localhost:8000") == "http://localhost:8001/live"
    assert found.trusted_proxies == ()


def test_behind_a_proxy_everything_is_one_origin():
    found = Environment.read({"STEPWELL_ORIGIN": "https://iop.example.org/"})
    assert found.page_origins == frozenset({"https://iop.example.org"})
    assert (found.live_url("iop.example.org"), found.live_origins, found.secure) == ("/live", (), True)
    assert found.trusted_proxies == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"PORT": "0"}, r"^PORT is '0'; it must be a whole number from 1 to 65535\.$"),
        ({"PORT": "80٣"}, r"^PORT is"),
        ({"STEPWELL_WORKERS": "many"}, r"^STEPWELL_WORKERS is 'many'"),
        ({"STEPWELL_LOG": "xml"}, r"^STEPWELL_LOG is 'xml'; it must be json or pretty\.$"),
        (
            {"STEPWELL_ORIGIN": "iop.example.org"},
            r"^STEPWELL_ORIGIN is 'iop\.example\.org'; write scheme and host",
        ),
        ({"STEPWELL_ORIGIN": "https://a.org/path"}, r"^STEPWELL_ORIGIN is"),
        ({"DATABASE_URL": "postgresql://host"}, r"^DATABASE_URL is not a PostgreSQL address"),
        ({"DATABASE_URL": "postgresql://host:port/x"}, r"^DATABASE_URL is not a PostgreSQL address"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, str], sentence: str):
    with pytest.raises(Unready, match=sentence):
        Environment.read(given)


def test_a_short_secret_key_is_refused():
    with pytest.raises(Unready, match="at least 32 random characters"):
        Environment.read({"STEPWELL_SECRET_KEY": "short"}).secret_key  # noqa: B018 -- reading it checks it


def test_the_secret_key_is_made_once_and_closed_to_others(tmp_path: Path):
    given = {"STEPWELL_HOME": str(tmp_path / "home")}
    key = Environment.read(given).secret_key
    assert Environment.read(given).secret_key == key
    assert len(key) >= 50
    assert stat.S_IMODE((tmp_path / "home" / "secret-key").stat().st_mode) == 0o600
    assert os.listdir(tmp_path / "home") == ["secret-key"]


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        (
            "postgresql://ann:p%40ss@db.example:6432/clinic?sslmode=verify-full",
            {
                "host": "db.example",
                "port": 6432,
                "dbname": "clinic",
                "user": "ann",
                "password": "p@ss",
                "sslmode": "verify-full",
            },
        ),
        (
            "postgres://ann@/clinic?host=/run/postgresql",
            {"host": "/run/postgresql", "port": 5432, "dbname": "clinic", "user": "ann"},
        ),
    ],
)
def test_a_database_address_is_read_whole(url: str, parameters: dict[str, object]):
    assert connection_parameters_of(url) == parameters


def test_the_pool_can_be_switched_off():
    assert database_config(Environment.read({}))["OPTIONS"]["pool"]["max_size"] == 4
    assert "pool" not in database_config(Environment.read({"STEPWELL_DATABASE_POOL": "0"}))["OPTIONS"]


@pytest.mark.processes
def test_without_a_database_health_says_so_and_settings_still_import(tmp_path: Path):
    asking = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "for path in ('/health/live', '/health/ready'):\n"
        "    answer = Client().get(path, headers={'host': 'localhost'})\n"
        "    print(answer.status_code, answer.content.decode())\n"
    )
    more = {
        "STEPWELL_HOME": str(tmp_path),
        "STEPWELL_DATABASE_POOL": "0",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "stepwell.project.settings",
        "PYTHONPATH": str(postgres.CHECKOUT / "src"),
    }
    ended = subprocess.run(
        [sys.executable, "-c", asking], env=os.environ | more, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines() == [
        "200 ok",
        '503 {"ready": false, "missing": {"database": "The database does not answer."}}',
    ]


@pytest.mark.processes
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["version"], 0, "0."),
        (["migrate"], 0, "The database is up to date."),
        (["migrate", "--check"], 0, "The database is up to date."),
        (["audit", "verify"], 0, "The trail is whole: "),
        (
            ["doctor"],
            1,
            "MEND   The carried PostgreSQL does not run; stepwell demo or stepwell serve starts it.",
        ),
    ],
)
def test_commands_bring_their_own_database_and_leave_nothing_running(
    tmp_path: Path, command: list[str], code: int, said: str
):
    home = tmp_path / "home"
    postgres.put_migrated_data_into(home)
    more = {"STEPWELL_HOME": str(home), "DATABASE_URL": "", "PYTHONPATH": str(postgres.CHECKOUT / "src")}
    ended = subprocess.run(
        [sys.executable, "-m", "stepwell", *command], env=os.environ | more, capture_output=True, text=True
    )
    assert (ended.returncode, said in ended.stdout, ended.stderr) == (code, True, "")
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()
