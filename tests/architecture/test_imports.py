"""The house stands as `.importlinter` draws it."""

import ast
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
    for folder in {path.parent for path in (ROOT / "src").rglob("*.py")}:
        if folder.name == "migrations":
            continue
        front = folder / "__init__.py"
        if not front.exists() or not front.read_text("utf-8").lstrip().startswith('"""'):
            silent.add(str(folder.relative_to(ROOT)))
    assert silent == set()


def imported(path: Path) -> set[str]:
    """The modules that a file names in its imports, wherever in it they stand."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def test_the_checker_of_a_week_uses_the_standard_library_and_itself():
    """What it checks must not be able to mislead it: it shares no code with the optimiser."""
    strange = {
        f"{path.name}: {name}"
        for path in (ROOT / "src" / "weekplan" / "check").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("weekplan.check")
    }
    assert strange == set()


def test_the_package_of_the_checker_loads_nothing_of_the_optimiser():
    """`import weekplan.check` runs `weekplan/__init__.py` first."""
    assert imported(ROOT / "src" / "weekplan" / "__init__.py") == set()
