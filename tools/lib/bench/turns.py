"""One run at a time: two would measure each other, and share what lies in the cache."""

import contextlib
import fcntl
import shutil

from . import console


@contextlib.contextmanager
def alone(lock, place):
    """Waits until no other process holds the file `lock`; it ends with the process. `place`: what a waiting one names."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.progress(f"another run is at work in {place}; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def alone_in(folder, lock, place):
    """The same, with an empty folder that is gone afterwards."""
    with alone(lock, place):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
