"""What is said instead of starting: `Unready`, and the sentence for a folder that cannot be written."""

from pathlib import Path


class Unready(Exception):
    """The surroundings are not fit to run in; the text is one plain sentence saying what to do."""


def unwritable(folder: Path, fault: OSError) -> Unready:
    """The one sentence for a folder that cannot be written."""
    return Unready(
        f"The folder {folder} cannot be written ({fault.strerror or 'no permission'}). "
        "Make it writable, or choose another with STEPWELL_HOME=."
    )
