"""Makes `.venv` from the lock files, unless it is made from exactly them already.

    python3 .ci/make_environment.py requirements.lock [requirements-dev.lock]

Standard library only, and written so that an old Python still gets as far as the sentence below.
"""

import hashlib
import json
import os
import subprocess
import sys

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(CHECKOUT, ".venv")
MADE_FROM = os.path.join(FOLDER, "made-from.json")


def main(locks):
    """Brings `.venv` in line with the lock files; exits with one sentence when it cannot."""
    if sys.version_info < (3, 11):
        sys.exit(
            "Stepwell needs Python 3.11 or newer; this is %d.%d. Name another: make demo PYTHON=python3.12"
            % sys.version_info[:2]
        )
    wanted = {lock: digest(os.path.join(CHECKOUT, lock)) for lock in locks}
    made = made_from()
    missing = [lock for lock in locks if made.get(lock) != wanted[lock]]
    if not missing:
        return
    print(
        "Making the environment from %s (the first time this takes a minute) ..." % " and ".join(missing),
        flush=True,
    )
    if not made or any(lock in made for lock in missing):  # new, half made, or made from older locks
        made = {}
        run(
            [sys.executable, "-m", "venv", "--clear", FOLDER],
            "Python has no venv with pip (Debian: apt-get install python3-venv).",
        )
        missing = list(locks)
    python = os.path.join(FOLDER, "bin", "python")
    for lock in missing:
        run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
            + ["--require-hashes", "--no-deps", "-r", os.path.join(CHECKOUT, lock)],
            "The packages of %s could not be installed; see above (is there a network?)." % lock,
        )
        made[lock] = wanted[lock]
    where = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    )
    with open(os.path.join(where.strip(), "stepwell-dev.pth"), "w") as path:
        path.write(os.path.join(CHECKOUT, "src") + "\n")
    with open(os.path.join(FOLDER, "bin", "stepwell"), "w") as command:
        command.write("#!%s\nimport sys\nfrom stepwell.cli import main\nsys.exit(main())\n" % python)
    os.chmod(command.name, 0o755)
    with open(MADE_FROM, "w") as note:
        json.dump(made, note)


def digest(path):
    """What a lock file says, and for which Python, as one word."""
    with open(path, "rb") as lock:
        return hashlib.sha256(lock.read() + sys.version.encode()).hexdigest()


def made_from():
    """What the present environment was made from; empty when there is none or it is not whole."""
    try:
        with open(MADE_FROM) as note:
            return dict(json.load(note))
    except (OSError, ValueError):
        return {}


def run(command, sentence):
    """Runs one step; exits with the sentence when it fails."""
    if subprocess.call(command) != 0:
        sys.exit(sentence)


if __name__ == "__main__":
    main(sys.argv[1:])
