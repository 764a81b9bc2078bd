"""The daemon that tools/bench-updates watches: the loads on it, what it is at, and when it has nothing left to do."""

import json
import subprocess
import time

from . import console
from .daemon import MeasurementError, folder_bytes
from .updates_vectors import QUERIES

COLLECTION, FIELD = "changing", "embedding"
# Segments are merged once no vectors have been sealed for fifteen seconds (GenerationSettings.vectorMergeDelay).
MERGE_DELAY_SECONDS = 16


class Load:
    """The program that changes and searches the collection, one process for each call."""

    def __init__(self, program, daemon, vectors, seed):
        self.program, self.daemon, self.vectors = program, daemon, vectors
        self.population = ["--documents", vectors.documents, "--seed", seed]

    def start(self, name, *arguments):
        command = [self.program, name, COLLECTION, "--connect", self.daemon.address, "--vectors", self.vectors.file, *arguments]
        return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def finish(self, process):
        """The report of what was started."""
        try:
            out, errors = process.communicate()
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.returncode:
            ended = "" if self.daemon.process.poll() is None else f"\ntandemd ended with {self.daemon.process.returncode}:\n{self.daemon.log_tail()}"
            raise MeasurementError(f"{' '.join(process.args)}: exit code {process.returncode} {errors.strip()}{ended}")
        return json.loads(out)

    def run(self, name, *arguments):
        return self.finish(self.start(name, *arguments))

    def insert(self, first, count, rate=None):
        """Starts an upload of rows as new documents."""
        return self.start("insert", "--field", FIELD, "--first", first, "--count", count, *(["--rate", rate] if rate else []))

    def search(self, *arguments):
        return self.run("search", *self._queries(QUERIES), *arguments)

    def recall(self, stage, queries):
        return self.run("recall", *self._queries(queries), *self.population, "--stage", stage)

    def delete(self):
        return self.run("delete", *self.population)

    def replace(self):
        return self.run("replace", "--field", FIELD, *self.population)

    def _queries(self, count):
        return ["--query-first", self.vectors.first_query, "--query-count", count]


class Meter:
    """What the daemon used and built between two moments."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.at, self.cpu, self.written, self.built = self._read()

    def _read(self):
        field = field_of(self.daemon.collection(COLLECTION))
        return time.monotonic(), self.daemon.cpu_seconds(), self.daemon.bytes_written(), field["vectors_in_graphs_built"]

    def difference(self):
        at, cpu, written, built = self._read()
        return {"seconds": at - self.at, "cpu_seconds": cpu - self.cpu, "bytes_written": written - self.written, "graph_vectors_built": built - self.built}


def field_of(state):
    """The collection's only vector field."""
    return state["vector_fields"][0]


def caught_up(daemon):
    """Waits until every write is searchable and background work has ended. Returns the seconds from the call to then."""
    began = time.monotonic()
    daemon.wait_applied(COLLECTION, vectors=True)
    applied = time.monotonic() - began
    return applied + wait_idle(daemon)


def wait_idle(daemon):
    """Graphs are built with low priority: on a busy machine that looks nearly idle, so a hundredth of a processor counts as work."""
    return daemon.wait_idle(share=0.01, window=2.0, timeout=3600)


def settled(daemon, timeout=600):
    """Waits until also the last vectors, too few for a segment of their own, are sealed, which is a minute after they came, and the merges that follow have ended. Returns the state."""
    began = time.monotonic()
    caught_up(daemon)
    while not is_sealed(state := daemon.collection(COLLECTION)):
        if time.monotonic() - began > timeout:
            raise MeasurementError(f"'{COLLECTION}' is not sealed after {timeout} s: {state.get('problem', 'no problem named')}")
        time.sleep(0.5)
    time.sleep(MERGE_DELAY_SECONDS)
    wait_idle(daemon)
    state = daemon.collection(COLLECTION)
    if state.get("problem"):
        raise MeasurementError(f"'{COLLECTION}' fails: {state['problem']}")
    return state


def is_sealed(state):
    return not state.get("building") and min(state["checkpoint_sequence"], state["vector_checkpoint_sequence"]) >= state["last_sequence"]


def holdings(daemon, state):
    """What a collection takes, and into how many parts it is divided."""
    field = field_of(state)
    return {
        "documents": state["documents"], "vectors": field["vectors"], "graphs": field["graphs"], "segments": field["segments"],
        "vectors_in_graphs": field["vectors_in_graphs"], "graph_bytes": field["graph_bytes"], "index_bytes": state["index_bytes"],
        "store_bytes": state["store_bytes"], "anonymous_bytes": daemon.memory.last,
        "mapped_bytes": daemon.memory.file, "disk_bytes": folder_bytes(daemon.data)}


def expect(state, documents):
    if state["documents"] != documents:
        raise MeasurementError(f"'{COLLECTION}' has {console.count(state['documents'])} documents, expected {console.count(documents)}")
