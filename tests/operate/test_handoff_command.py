"""`stepwell handoff import FILE` as a process against its own database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.handoff_bundles import as_bytes, whole_bundle
from tests.operate.ground import PATIENCE, Clinic, clinic_in, surroundings

from stepwell.clinic.people.models import Site
from stepwell.project.carried_postgres import CarriedPostgres

pytestmark = pytest.mark.processes

ROWS = (
    "SELECT (SELECT count(*) FROM clinic_inquiry), (SELECT count(*) FROM clinic_handoff),"
    " (SELECT count(*) FROM clinic_handoffitem), (SELECT count(*) FROM audit_entry)"
)


def open_site(clinic: Clinic, name: str) -> None:
    """One more site, with what a site has by itself; the clinic's database is not the one of these tests."""
    site = Site(name=name, zone="America/New_York")
    facts = {f.column: getattr(site, f.attname) for f in Site._meta.concrete_fields if not f.primary_key}
    marks = ", ".join(["%s"] * len(facts))
    clinic.query(f"INSERT INTO clinic_site ({', '.join(facts)}) VALUES ({marks})", *facts.values())  # noqa: S608 -- columns of the model


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """A clinic of one site, its database running, no page served."""
    with clinic_in(tmp_path) as clinic:
        server = CarriedPostgres(clinic.environment)
        server.start()
        try:
            open_site(clinic, "Peachtree")
            yield clinic
        finally:
            server.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hand-off.json"
    path.write_bytes(as_bytes(whole_bundle()))
    return path


def started(clinic: Clinic, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "stepwell", "handoff", "import", *map(str, arguments)],
        env=surroundings(clinic.home, clinic.port),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(clinic: Clinic, *arguments: object) -> tuple[int, str, str]:
    process = started(clinic, *arguments)
    said, complained = process.communicate(timeout=PATIENCE)
    return process.returncode, said, complained


def test_the_command_tells_what_was_taken_and_what_was_not_and_the_second_time_changes_nothing(
    clinic: Clinic, file: Path
):
    code, said, complained = run(clinic, file)
    assert (code, complained) == (0, "")
    for line in (
        "      1  allergy",
        "      2  contact",
        "      1  coverage",
        "      1  encounter",
        "      2  medication",
        "      1  person",
        "      3  problem",
        "  4 of them are substance-use data (42 CFR Part 2).",
        "      1  Observation: Measurements and test results are not taken; the clinic makes its own.",
        "      1  Patient.identifier: Not read by Stepwell; it stays in the sender's file.",
    ):
        assert line in said.splitlines()
    assert "Nakamura" not in said
    before = clinic.query(ROWS)
    assert before == [(1, 1, 11, 1)]
    code, said, complained = run(clinic, file)
    assert (code, complained) == (0, "")
    assert said.startswith("Already here: inquiry ")
    assert clinic.query(ROWS) == before

    # A broken, truncated or wrong-version file leaves no row behind.
    good = file.read_bytes()
    for raw, sentence in (
        (good[:-2], "This file breaks off in the middle at line 1, column"),
        (
            good.replace(b'"birthDate": "1988-02-29"', b'"birthDate": "1988-02-30"'),
            "“1988-02-30” at entry[0].resource.birthDate",
        ),
        (
            good.replace(b'"type": "collection"', b'"fhirVersion": "5.0.0", "type": "collection"'),
            "This file is FHIR 5.0.0",
        ),
    ):
        file.write_bytes(raw)
        code, said, complained = run(clinic, file)
        assert (code, said) == (2, "")
        assert sentence in complained
        assert complained.count("\n") == 1
        assert clinic.query(ROWS) == before


def test_two_imports_of_one_file_at_the_same_moment_make_one_inquiry(clinic: Clinic, file: Path):
    processes = [started(clinic, file) for _ in range(3)]
    answers = [process.communicate(timeout=PATIENCE) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], answers
    assert sorted(said.split(":")[0][:7] for said, _ in answers) == ["Already", "Already", "Inquiry"]
    assert clinic.query(ROWS) == [(1, 1, 11, 1)]


def test_with_two_sites_the_command_asks_for_which(clinic: Clinic, file: Path):
    open_site(clinic, "Harbor")
    assert run(clinic, file) == (2, "", "Say for which site it is with --site: “Harbor”, “Peachtree”.\n")
    code, said, _ = run(clinic, file, "--site", "Harbor")
    assert (code, said.split()[0]) == (0, "Inquiry")


def test_a_file_that_is_not_there_gets_one_sentence(clinic: Clinic, tmp_path: Path):
    code, said, complained = run(clinic, tmp_path / "none.json")
    assert (code, said) == (2, "")
    assert complained == f"{tmp_path / 'none.json'} cannot be read: No such file or directory.\n"
