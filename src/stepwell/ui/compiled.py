"""Templates compiled once for all processes and starts, kept beside the source as Python keeps its own modules."""

import contextlib
import pickle
import shutil
import sys
from hashlib import sha256
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

UI = Path(__file__).parent


class CompiledTemplates(FileSystemBytecodeCache):
    """Jinja's own cache, for which a folder that is full, gone or damaged costs only the time to compile again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_beside(folder: Path = UI) -> CompiledTemplates | None:
    """The templates compiled with the `*.py` of `folder`; None where Python may not keep compiled modules either.

    Filters of constants and options of the environment are compiled in, so a change of any module here begins
    anew; a change of a template Jinja sees by itself.
    """
    if sys.dont_write_bytecode:
        return None
    sources = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    kept = folder / "__pycache__"
    own = kept / f"templates-{sha256(sources).hexdigest()[:16]}"
    if not own.is_dir():
        for former in kept.glob("templates-*"):
            shutil.rmtree(former, ignore_errors=True)
        try:
            own.mkdir(parents=True, exist_ok=True)
        except OSError:
            return None
    return CompiledTemplates(str(own), "%s")
