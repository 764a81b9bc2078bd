"""A Python environment of the measuring tools' own: what the peers, the plots and the texts need, at versions that are written here."""

import fcntl
import pathlib
import shutil
import subprocess
import sys

from . import console
from .daemon import MeasurementError

PACKAGES = ("tantivy==0.27.0", "matplotlib==3.11.2", "lxml==6.1.3")


def python(cache):
    """The environment's interpreter. Made on first use and when PACKAGES change; one process at a time makes it."""
    folder = pathlib.Path(cache) / "peers"
    stamp, wanted = folder / "complete", "\n".join(PACKAGES)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            console.step(f"Python environment for {', '.join(PACKAGES)} (once)")
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(folder)], "make a virtual environment (Debian: apt-get install python3-venv)")
            _run([str(folder / "bin/python3"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
                 "install them; is a package index within reach? --no-tantivy --no-plot does without")
            stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin/python3"


def _run(command, what):
    done = subprocess.run(command, stdout=sys.stderr)
    if done.returncode:
        raise MeasurementError(f"cannot {what}")
