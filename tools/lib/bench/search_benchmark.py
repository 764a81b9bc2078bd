"""Hybrid searches through the front door, quiet and during an import; see tools/bench-search."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time

from . import console, environment, machine
from .console import count, milliseconds
from .daemon import MeasurementError, children_cpu_seconds, group_cpu_seconds, group_is_alive
from .kept_collections import KeptCollections

COLLECTION = "tldr_en"


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/bench-search",
        description="Hybrid searches of tldr_en (default model, rerank off, top 10 with stored fields) over loopback, warm: p50 and p99 as "
        "the client sees them and by stage, sequentially; wire and framing = what the client's connection took less what the daemon says that the call "
        "spent there, beside the same way in bare C; also with all threads on one processor and for a caller on the client's task executor. Then an open "
        "loop (Poisson arrivals, timed from the moment a search was due), quiet and while the same documents are imported again into the "
        "same collection, embeddings and all.",
        epilog="Exit code: 0, 1 when a bound or a result is missed, 2 for a wrong command line. TANDEM_BIN names the folder of tandemd, "
        "tandem and bench-load; without it they are built. TANDEM_DATA, TANDEM_MODELS: the test collections, the models.")
    parser.add_argument("--count", type=int, default=2000, metavar="N", help="sequential searches (default: 2000)")
    parser.add_argument("--rate", type=float, default=20, metavar="N", help="open loop: searches a second (default: 20)")
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="open loop: duration of each part (default: 60)")
    parser.add_argument("--overhead-max", type=float, default=200, metavar="US",
                        help="bound of wire and framing at p50 (default: 200 µs)")
    parser.add_argument("--import-ratio-max", type=float, default=5, metavar="X", help="bound of p99 during the import to p99 quiet (default: 5)")
    parser.add_argument("--fresh", action="store_true", help="import the collection anew first")
    environment.add_common(parser)
    return parser.parse_args()


def measure(options, kept, source):
    daemon, queries = kept.daemon, source / "queries.jsonl"
    state, _ = kept.bring(COLLECTION, source, options.fresh)
    daemon.wait_idle()
    ours = machine.Neighbours(lambda: daemon.cpu_seconds() + children_cpu_seconds())
    common = ["--queries", queries, "--mode", "hybrid", "--rerank", 0, "--limit", 10]

    console.step(f"{count(options.count)} searches, one at a time")
    ours.begin()
    sequential = daemon.load(COLLECTION, *common, "--warm", 300, "--count", options.count)
    # The same without waking processors, which costs more than the wire where they are virtual.
    with daemon.on_one_processor():
        on_one = daemon.load(COLLECTION, *common, "--warm", 100, "--count", options.count)
    # And from a caller without thread hops of its own.
    on_loop = daemon.load(COLLECTION, *common, "--warm", 100, "--count", options.count, "--on-event-loop")
    others = {"sequential": ours.share()}
    # The way that a search of this length goes over loopback, in bare C: 21 MB is what the default model's weights push through the caches.
    floor = machine.wire_floor(kept.place.cache, round(sequential["server"]["p50"]), 21_000_000, 133, 5900)

    console.step(f"Open loop, {options.rate:g} a second for {options.seconds:g} s, quiet")
    loop = [*common, "--warm", 100, "--rate", options.rate, "--seconds", options.seconds]
    ours.begin()
    quiet = daemon.load(COLLECTION, *loop)
    others["quiet"] = ours.share()

    console.step("The same while the documents are imported again")
    imports = Imports(daemon, source / "corpus.jsonl")
    ours = machine.Neighbours(lambda: daemon.cpu_seconds() + children_cpu_seconds() + imports.cpu_seconds())
    cpu = daemon.cpu_seconds()
    imports.begin()
    try:
        time.sleep(0.5)
        busy = daemon.load(COLLECTION, *loop)
        others["import"] = ours.share()
        daemon_cpu = daemon.cpu_seconds() - cpu
        imports.check()
    finally:
        imports.end()
    daemon.wait_applied(COLLECTION, vectors=True)
    for name, part in (("sequential", sequential), ("quiet", quiet), ("import", busy)):
        if part["degraded"]:
            console.warn(f"{part['degraded']} of {part['searches']} searches ({name}) were degraded")
    return {
        "machine": machine.describe(kept.place.root),
        "documents": state["documents"],
        "sequential": sequential,
        "sequential_on_event_loop": on_loop,
        "open_loop_quiet": quiet,
        "open_loop_import": busy,
        "rate": options.rate,
        "seconds": options.seconds,
        "imports_begun": imports.begun,
        "daemon_cpu_seconds_import": daemon_cpu,
        "sequential_on_one_processor": on_one,
        "wire_p50_us": sequential["wire"]["p50"],
        "wire_floor_us": floor,
        "import_p99_ratio": busy["client"]["p99"] / quiet["client"]["p99"],
        "others_share": others,
        "peak_anonymous_bytes": daemon.memory.peak,
    }


class Imports:
    """Imports the corpus again and again until it is ended, so that there is always one under way."""

    def __init__(self, daemon, corpus):
        self.daemon, self.corpus, self.begun = daemon, corpus, 0
        self.process = None
        self.log = daemon.data.parent / "bench-search-import.log"

    def begin(self):
        self.log.write_bytes(b"")
        # A shell loop, so that the next import begins at once. It stops at the first failure.
        command = self.daemon.command("import", COLLECTION, self.corpus, "--wait", "complete", "--no-resume")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", 'while "$@"; do echo "import ended"; done', "imports", *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True)

    def cpu_seconds(self):
        """CPU time of the importing clients, which `children_cpu_seconds` does not count before the shell has ended."""
        return group_cpu_seconds(self.process.pid) if self.process and self.process.poll() is None else 0.0

    def check(self):
        text = self.log.read_text(errors="replace")
        self.begun = text.count("import ended") + 1
        if self.process.poll() is not None:
            raise MeasurementError(f"the import failed: {text.strip()[-500:]}")

    def end(self):
        """Ends the shell and its client; what was written stays, and becomes searchable by itself."""
        if self.process and self.process.poll() is None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, number)
                for _ in range(50):
                    self.process.poll()
                    if not group_is_alive(self.process.pid):
                        return
                    time.sleep(0.1)


def markdown(r):
    order = r["sequential"]["stageOrder"]
    parts = [("sequential", r["sequential"]), ("open loop, quiet", r["open_loop_quiet"]), ("open loop, import", r["open_loop_import"])]

    def pair(distribution):
        return f"{milliseconds(distribution['p50'])} / {milliseconds(distribution['p99'])}"

    rows = [("**client**", *(f"**{pair(p['client'])}**" for _, p in parts))]
    rows.append(("reply's own time", *(pair(p["server"]) for _, p in parts)))
    for stage in order:
        rows.append((f"· {stage}", *(pair(p["stages"][stage]) if stage in p["stages"] else "–" for _, p in parts)))
    for name, key in (("answering", "answering"), ("wire and framing", "wire"), ("client's library", "library")):
        rows.append((name, *(pair(p[key]) if p.get(key) else "–" for _, p in parts)))
    rows.append(("an empty call", *(pair(p["emptyCall"]) for _, p in parts)))
    rows.append(("searches", *(count(p["searches"]) for _, p in parts)))
    others = ", ".join(f"{name} {100 * share:.0f} %" for name, share in r["others_share"].items())
    return (
        console.table(["hybrid, p50 / p99 in ms", *(name for name, _ in parts)], rows)
        + f"\n\nWire and framing, one search at a time: {r['wire_p50_us']:.0f} µs at p50; "
        + (f"the same way in bare C, hops between threads included, takes {r['wire_floor_us'][0]:.0f}. " if r["wire_floor_us"] else "")
        + f"A caller on the client's task executor: wire {r['sequential_on_event_loop']['wire']['p50']:.0f}, library {r['sequential_on_event_loop']['library']['p50']:.0f}. "
        + f"All threads of both sides on one processor: wire {r['sequential_on_one_processor']['wire']['p50']:.0f}, "
        + f"answering {r['sequential_on_one_processor']['answering']['p50']:.0f}, library {r['sequential_on_one_processor']['library']['p50']:.0f}. "
        + f"p99 during an import / quiet: {r['import_p99_ratio']:.1f}. "
        + f"Open loop: {r['rate']:g} searches a second for {r['seconds']:g} s; the daemon used {r['daemon_cpu_seconds_import']:.0f} s of CPU during the import.\n\n"
        + f"{r['machine']}; {count(r['documents'])} documents. CPU that others used: {others}.")


def main():
    options = arguments()
    place = environment.Place(options)
    place.need_models()
    source = place.test_data(COLLECTION)
    with KeptCollections(place) as kept:
        result = measure(options, kept, source)
    place.finish("bench-search", result, markdown(result), options)
    good = True
    for name, value, bound, unit in (
        ("wire and framing at p50", result["wire_p50_us"], options.overhead_max, "µs"),
        ("p99 during an import / quiet", result["import_p99_ratio"], options.import_ratio_max, "×")):
        if value <= bound:
            console.ok(f"{name}: {value:.1f} {unit} (bound {bound:g})")
        else:
            console.failure(f"{name}: {value:.1f} {unit}, the bound is {bound:g}")
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(environment.run(main))
