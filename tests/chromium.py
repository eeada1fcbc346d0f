"""Where the browser of the browser tests is, and how it is started."""

import os
import shutil

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

MISSING = "no Chromium found"
HOW = "install one (Debian: apt-get install chromium) or name it in STEPWELL_CHROMIUM"


def found() -> str | None:
    """The path of a Chromium or Chrome on this machine; first the one without a window, which needs a quarter
    less of the processor for the same pages."""
    names = (
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    given = os.environ.get("STEPWELL_CHROMIUM")
    return given or next((path for path in map(shutil.which, names) if path), None)
