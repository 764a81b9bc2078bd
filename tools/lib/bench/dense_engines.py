"""The engines that tools/bench-dense runs over the same vectors: Tandem's dense index, hnswlib, SymphonyQG, faiss.

Each is a process that answers requests, one line of JSON each, so that engines can take turns within seconds:

  {"do": "build", "vectors": PATH, "rows": N, "queries": Q, "metric": "cosine", "options": {…}}
    → {"cpu_s", "wall_s", "bytes": of memory, "parts": {name: bytes}, "label"}; may add "settings" and "call_us", an empty call's time.
    Peers are given "kept": PATH, too, if wanted: what an earlier run left there is loaded, with its answer, else the index is left there
  {"do": "search", "parameter": X, "k": 10, "ids_to": PATH} → {"mean_us", "p50_us", "p99_us", "cpu_us"}
    and PATH holds int32 [Q][k], -1 where there is none; a parameter's first time runs all queries once before
  {"do": "quit"}

The first N rows of the file are the data, the last Q the queries. What goes wrong is {"error": what}.

Tandem's own is asked more: "build" with "folder", where the index is left, so that a second process opens the same;
  {"do": "throughput", "threads": T, "parameter": X, "seconds": S} → {"queries_per_s", "cpu_s", "wall_s"}
  {"do": "filters", "parameter": X, "queries": Q} → {"filters": [{"filter", "share", "recall", "mean_us", "flat_us", "graphs", "abandoned", "visited"}]}
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import select
import subprocess
import time

from .daemon import MeasurementError

PEERS = pathlib.Path(__file__).parent / "peers"
EFS = (10, 12, 16, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 896, 1280, 1800, 2500)
LISTS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)


@dataclasses.dataclass(frozen=True)
class Engine:
    """How an engine is started and what is swept. `parameters`: from the fastest to the most accurate; recall rises with them."""

    key: str
    command: tuple
    parameters: tuple
    options: dict = dataclasses.field(default_factory=dict)
    # Of what makes the index, so that one of another program is not taken up; empty: never kept, since it is what changes.
    build: str = ""


NAMES = ("tandem", "tandem-compact", "hnswlib", "symphonyqg", "faiss")


def is_tandem(key):
    return key.startswith("tandem")


def table(names, python, program, packages=()):
    """The engines of these names. `python`: the peers' interpreter, `packages`: what it has, `program`: Tandem's executable."""
    def peer(key, parameters):
        source = PEERS / f"{key}_bench.py"
        build = hashlib.sha256(source.read_bytes() + " ".join(packages).encode()).hexdigest()[:8]
        return Engine(key, (str(python), str(source)), tuple(parameters), build=build)

    def tandem(key, setting):
        return Engine(key, (str(program),), tuple(step / 20 for step in range(21)), {"setting": setting})

    engines = {
        "tandem": lambda: tandem("tandem", "full"), "tandem-compact": lambda: tandem("tandem-compact", "compact"),
        "hnswlib": lambda: peer("hnswlib", EFS), "symphonyqg": lambda: peer("symphonyqg", EFS),
        # The more lists, the more near hits, of which coarse codes leave the more to be refined.
        "faiss": lambda: peer("faiss", ([n, 2 if n < 48 else 4 if n < 512 else 8] for n in LISTS))}
    return [engines[name]() for name in names]


class EngineError(MeasurementError):
    """An engine that failed; the others go on."""


class Worker:
    """An engine's process, on one processor. Use as a context. Its standard error goes to a file."""

    def __init__(self, key, command, log, seconds, processor=None):
        self.key, self.command, self.log, self.seconds = key, list(map(str, command)), pathlib.Path(log), seconds
        self.processor, self.process = processor, None

    def __enter__(self):
        pinned = [] if self.processor is None else ["taskset", "-c", str(self.processor)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(pinned + self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        self.rest = b""
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.process.stdin.write(b'{"do": "quit"}\n')
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def move(self, processors):
        """All its threads to another processor, or to several."""
        processors = {processors} if isinstance(processors, int) else set(processors)
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(task), processors)

    def begin(self, request):
        self.asked = request["do"]
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self._fail(f"it ended before '{self.asked}'")

    def answer(self):
        """The answer to what `begin` asked."""
        until = time.monotonic() + self.seconds
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            if not ready:
                self.process.kill()
                self._fail(f"no answer to '{self.asked}' within {self.seconds:g} s, so it was ended; --seconds allows more")
            found = os.read(self.process.stdout.fileno(), 1 << 16)
            if not found:
                self._fail(f"it ended with {self.process.wait()} instead of answering '{self.asked}'")
            self.rest += found
        line, self.rest = self.rest.split(b"\n", 1)
        try:
            answer = json.loads(line)
        except ValueError:
            self._fail(f"its answer to '{self.asked}' is no JSON: {line[:200].decode(errors='replace')}")
        if "error" in answer:
            self._fail(f"'{self.asked}': {answer['error']}")
        return answer

    def ask(self, request):
        self.begin(request)
        return self.answer()

    def _fail(self, what):
        tail = self.log.read_text(encoding="utf-8", errors="replace").strip()[-1000:]
        raise EngineError(f"{self.key}: {what}" + (f"\n{tail}" if tail else ""))


def judge(python, log, seconds):
    """What knows the exact answers; see peers/dense_judge.py."""
    return Worker("exact answers", [python, PEERS / "dense_judge.py"], log, seconds)
