"""A Python environment of the measuring tools' own: what the peers, the plots and the texts need, at versions that are written here."""

import fcntl
import pathlib
import shutil
import subprocess
import sys

from . import console
from .daemon import MeasurementError

PACKAGES = ("tantivy==0.27.0", "matplotlib==3.11.2", "lxml==6.1.3")
WITHOUT = "install them; is a package index within reach? --no-tantivy --no-plot does without"


def python(cache, name="peers", packages=PACKAGES, hint=WITHOUT):
    """The interpreter of the environment of this name. Made on first use and when its packages change; one process at a time makes it.
    `hint`: what cannot be done where the packages cannot be had, and what helps."""
    folder = pathlib.Path(cache) / name
    stamp, wanted = folder / "complete", "\n".join(packages)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            console.step(f"Python environment for {', '.join(packages)} (once)")
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(folder)], "make a virtual environment (Debian: apt-get install python3-venv)")
            _run([str(folder / "bin/python3"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], hint)
            stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin/python3"


def _run(command, what):
    done = subprocess.run(command, stdout=sys.stderr)
    if done.returncode:
        raise MeasurementError(f"cannot {what}")
