"""Test collections in a data folder that is kept between runs, since embedding them takes minutes.

A run brings a collection up to date: creates it where it is missing, imports what is missing (`tandem import` goes on where it was
interrupted), waits until both legs show everything. Where tandemd is another build than the one that wrote the indexes, they are
built anew beside the old ones (`tandem collection rebuild`), which analyses every text again and copies the vectors.
"""

import hashlib
import pathlib
import time

from . import console, report
from .daemon import Daemon, MeasurementError


def build_of(binaries):
    """Digest of the daemon, so that results and indexes of another build are told apart."""
    digest = hashlib.sha256()
    with open(pathlib.Path(binaries) / "tandemd", "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()[:16]


class KeptCollections:
    """Use as a context: a daemon on the kept folder."""

    def __init__(self, place, folder="collections"):
        self.place = place
        self.folder = place.cache / folder
        self.stamps = place.cache / f"{folder}.json"
        self.build = build_of(place.binaries)
        self.daemon = Daemon(place.binaries, self.folder, models=place.models)

    def __enter__(self):
        try:
            self.daemon.__enter__()
        except MeasurementError as error:
            if not any(self.folder.iterdir()) or "in use" in str(error) or "lock" in str(error):
                raise
            # Bench data of an older format is worth less than a run that ends.
            aside = self.folder.with_name(f"{self.folder.name}-unreadable-{time.strftime('%Y%m%dT%H%M%S')}")
            console.warn(f"tandemd does not start on the kept folder; it is moved to {aside}\n{error}")
            self.folder.rename(aside)
            self.daemon.__enter__()
        return self

    def __exit__(self, *details):
        self.daemon.__exit__(*details)

    def bring(self, name, source, fresh=False):
        """The collection `name` with the documents of `source`/corpus.jsonl, complete. Returns its state and what it took."""
        daemon, corpus = self.daemon, source / "corpus.jsonl"
        expected = sum(1 for _ in open(corpus, "rb"))
        stamps = report.read_json(self.stamps) or {}
        state = daemon.collection(name)
        if state and fresh:
            daemon.tandem("collection", "drop", name, "--yes")
            state = None
        if not state:
            stamps.pop(name, None)
            daemon.tandem("collection", "create", name)
        began, cpu = time.monotonic(), daemon.cpu_seconds()
        imported = not state or state["documents"] != expected
        if imported:
            console.step(f"Collection {name}: {console.count(expected)} documents")
            daemon.memory.phase = f"import {name}"
            daemon.tandem("import", name, corpus, "--wait", "complete", show_progress=True)
        state = daemon.wait_applied(name, vectors=True)
        if state["documents"] != expected:
            raise MeasurementError(f"'{name}' has {state['documents']} documents, {corpus} has {expected} lines")
        if not imported and stamps.get(name, {}).get("build") != self.build:
            console.progress(f"{name}: indexes of another build of tandemd; building them anew")
            daemon.tandem("collection", "rebuild", name, "--wait")
            state = daemon.wait_applied(name, vectors=True)
        if not state["schema"].get("model"):
            raise MeasurementError(f"'{name}' has no model; was it created before the models were installed? Run again with --fresh")
        seconds, used = time.monotonic() - began, daemon.cpu_seconds() - cpu
        stamp = stamps.setdefault(name, {})
        stamp["build"] = self.build
        if imported:
            stamp.update(seconds=seconds, cpu_seconds=used, documents=expected)
            console.ok(f"{name}: complete in {seconds:.0f} s ({used:.0f} s of CPU)")
        else:
            console.progress(f"{name}: kept from an earlier run")
        report.save_json(self.stamps, stamps)
        return state, stamp
