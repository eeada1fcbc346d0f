"""The house stands as `.importlinter` draws it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
JUNK_DRAWERS = {"common", "utils", "util", "core", "helpers", "helper", "services", "misc", "lib", "shared"}


def test_every_import_contract_is_kept():
    """Exhaustive: a folder that `.importlinter` does not name fails too."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_folder_and_no_module_is_a_junk_drawer():
    named = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*")
        if path.stem in JUNK_DRAWERS and (path.is_dir() or path.suffix == ".py")
    }
    assert named == set()


def test_every_folder_with_code_is_a_package_that_says_what_happens_in_it():
    silent = set()
    for folder in {path.parent for path in (ROOT / "src" / "stepwell").rglob("*.py")}:
        if folder.name == "migrations":
            continue
        front = folder / "__init__.py"
        if not front.exists() or not front.read_text("utf-8").lstrip().startswith('"""'):
            silent.add(str(folder.relative_to(ROOT)))
    assert silent == set()
