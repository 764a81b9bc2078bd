"""Vectors that come, change and go, through the front door; see tools/bench-updates."""

import argparse
import shutil
import sys
import time

from . import console, environment, machine, turns, updates_load, updates_report, updates_vectors
from .console import count
from .daemon import Daemon, MeasurementError, children_cpu_seconds
from .updates_load import COLLECTION, FIELD

NAME = "bench-updates"
BATCH = 100
# Inserts are under way so long before the searches that count begin, and after they have ended.
MARGIN_SECONDS = 2
# Searches that may wait in the daemon: a refusal would hide the stall that it comes from.
SEARCH_QUEUE = 1000


def arguments(command_line=None):
    parser = argparse.ArgumentParser(
        prog="tools/bench-updates",
        description="Uploads vectors into a collection without a model and measures searches by vector (top 10, ids only) over loopback: as many as go; an "
        "open loop of a part of that (half; Poisson arrivals, timed from the moment a search was due), quiet and while new documents are inserted. That in "
        "rounds, each with a collection of its own, since the machine's speed may change; the round with the median ratio counts. Then recall@10 "
        "against exact searches, with times, graphs and bytes: before, after the inserts, after 30 % of the documents were deleted, after 30 % of the rest "
        "got other vectors, and after a vacuum through a new generation.",
        epilog="Exit code: 0, 1 when a bound or a result is missed, 2 for a wrong command line. TANDEM_BIN names the folder of tandemd, tandem and "
        "bench-vector-updates; without it they are built.")
    parser.add_argument("--vectors", metavar="FILE.npy", help="float32 in two dimensions (default: real passages through the default bi-encoder)")
    parser.add_argument("--rows", type=int, default=100_000, metavar="N", help="documents before the inserts: the file's first N rows (default: 100000)")
    parser.add_argument("--insert-rate", type=float, default=2000, metavar="N", help="documents inserted in a second (default: 2000)")
    parser.add_argument("--load", type=float, default=0.5, metavar="X", help="searches of the open loops, of the quiet maximum (default: 0.5)")
    parser.add_argument("--seconds", type=float, default=30, metavar="S", help="duration of each open loop (default: 30)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds of maximum, quiet loop and loop with inserts (default: 3)")
    parser.add_argument("--concurrency", type=int, default=8, metavar="N", help="searches at a time when as many as go are counted (default: 8)")
    parser.add_argument("--queries", type=int, default=500, metavar="N",
                        help=f"queries of each recall, of the file's last {updates_vectors.QUERIES} rows (default: 500)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the documents that are deleted and replaced (default: 1)")
    parser.add_argument("--p99-ratio-max", type=float, default=2.0, metavar="X", help="bound of p99 while vectors are inserted to p99 quiet (default: 2)")
    parser.add_argument("--inserts-min", type=float, default=2000, metavar="N", help="bound of the inserts acknowledged in a second (default: 2000)")
    parser.add_argument("--recall-fall-max", type=float, default=0.01, metavar="X", help="bound of the recall that a step loses (default: 0.01)")
    environment.add_common(parser)
    options = parser.parse_args(command_line)
    for name, least, most in (
        ("rows", 1000, 10**9), ("insert_rate", 1, 10**6), ("seconds", 1, 86_400), ("load", 0.01, 1), ("rounds", 1, 100), ("concurrency", 1, 1000), ("queries", 200, updates_vectors.QUERIES),
        ("seed", 0, 2**63)):
        if not least <= getattr(options, name) <= most:
            parser.error(f"--{name.replace('_', '-')}: expected {least} to {most}")
    return options


def insert_count(options):
    return round(options.insert_rate * (options.seconds + 2 * MARGIN_SECONDS))


class Run:
    """One run on a daemon that was just started."""

    def __init__(self, place, options, vectors, daemon):
        self.place, self.options, self.vectors, self.daemon = place, options, vectors, daemon
        self.load = updates_load.Load(place.binaries / "bench-vector-updates", daemon, vectors, options.seed)
        self.neighbours = machine.Neighbours(lambda: daemon.cpu_seconds() + children_cpu_seconds())
        self.others, self.steps = {}, []

    def measure(self):
        result = {"machine": machine.describe(self.place.root), "vectors": self.vectors.label, "insert_rate": self.options.insert_rate}
        result["rounds"] = [self.round(number) for number in range(1, self.options.rounds + 1)]
        self.changes()
        return {**result, "steps": self.steps, "others_share": self.others, "peak_anonymous_bytes": self.daemon.memory.peak}

    def round(self, number):
        """Everything that is compared with each other, within a minute or two. The last round's collection is the one that is changed afterwards."""
        console.step(f"Round {number} of {self.options.rounds}: {count(self.vectors.rows)} vectors")
        if number > 1:
            self.daemon.tandem("collection", "drop", COLLECTION, "--yes")
        found = {"fill": self.fill()}
        is_last = number == self.options.rounds
        if is_last:
            self.step("the upload", "filled", self.vectors.rows)
        found["maximum"] = self.maximum()
        found["rate"] = rate = found["maximum"]["per_second"] * self.options.load
        found["quiet"] = self.quiet(rate)
        found["busy"], found["inserts"] = self.busy(rate)
        if is_last:
            self.step("the inserts", "filled", self.vectors.documents)
        console.ok(f"p99 while vectors are inserted / quiet: {updates_report.p99_ratio(found):.2f}")
        return found

    def fill(self):
        rows = self.vectors.rows
        self.neighbours.begin()
        self.daemon.tandem("collection", "create", COLLECTION, "--model", "none", "--text-field", "text", "--vector-field",
                           f"{FIELD}:{self.vectors.dimension}:cosine")
        meter = updates_load.Meter(self.daemon)
        report = self.load.finish(self.load.insert(0, rows))
        report["catch_up_seconds"] = updates_load.caught_up(self.daemon)
        console.ok(f"acknowledged at {count(report['per_second'])} a second; {report['catch_up_seconds']:.0f} s later nothing is left to do")
        updates_load.settled(self.daemon)
        self.share("upload")
        return {**report, "meter": meter.difference()}

    def share(self, name):
        """What others used since `begin`: of all rounds the most."""
        self.others[name] = max(self.others.get(name, 0), self.neighbours.share())

    def maximum(self):
        console.step(f"As many searches as go, {self.options.concurrency} at a time")
        found = self.load.search("--concurrency", self.options.concurrency, "--seconds", min(10, self.options.seconds))
        console.ok(f"{count(found['per_second'])} searches a second")
        return found

    def quiet(self, rate):
        console.step(f"Open loop, {count(rate)} a second for {self.options.seconds:g} s, quiet")
        self.neighbours.begin()
        report = self.open_loop(rate)
        self.share("quiet")
        return report

    def open_loop(self, rate):
        cpu, began = self.daemon.cpu_seconds(), time.monotonic()
        report = self.load.search("--rate", rate, "--seconds", self.options.seconds)
        report.update(cpu_seconds=self.daemon.cpu_seconds() - cpu, seconds=time.monotonic() - began)
        console.ok(f"p50 {console.milliseconds(report['client']['p50'])} ms, p99 {console.milliseconds(report['client']['p99'])} ms")
        return report

    def open_loop_or_overload(self, rate):
        """None where the daemon refuses searches in the end: no time says what they would have taken."""
        try:
            return self.open_loop(rate)
        except MeasurementError as error:
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            console.failure(f"overloaded: {str(error).rsplit('Error: ', 1)[-1]}")
            return None

    def busy(self, rate):
        """The open loop while rows are inserted; then until their graphs stand."""
        vectors = self.vectors
        console.step(f"The same with {count(self.options.insert_rate)} inserts a second")
        meter = updates_load.Meter(self.daemon)
        self.neighbours.begin()
        inserting = self.load.insert(vectors.rows, vectors.inserts, self.options.insert_rate)
        try:
            time.sleep(MARGIN_SECONDS)
            busy = self.open_loop_or_overload(rate)
            inserts = self.load.finish(inserting)
        finally:
            if inserting.poll() is None:
                inserting.kill()
                inserting.wait()
        self.share("inserts")
        inserts["catch_up_seconds"] = updates_load.caught_up(self.daemon)
        console.ok(f"{count(inserts['per_second'])} inserts a second; graphs caught up {inserts['catch_up_seconds']:.0f} s after the last one")
        updates_load.settled(self.daemon)
        inserts.update(batch=BATCH, meter=meter.difference())
        return busy, inserts

    def changes(self):
        documents = self.vectors.documents
        gone = self.load.delete()["documents"]
        self.step(f"{count(gone)} deletes", "thinned", documents - gone)
        replaced = self.load.replace()["documents"]
        self.step(f"{count(replaced)} replacements", "replaced", documents - gone)
        self.daemon.tandem("collection", "rebuild", COLLECTION, "--wait")
        self.step("a vacuum", "replaced", documents - gone)

    def step(self, name, stage, documents):
        """Recall, times and bytes when nothing is left to do."""
        console.step(f"After {name}")
        began = time.monotonic()
        state = updates_load.settled(self.daemon)
        waited = time.monotonic() - began
        updates_load.expect(state, documents)
        held = updates_load.holdings(self.daemon, state)
        found = self.load.recall(stage, self.options.queries)
        self.steps.append({"name": name, "settle_seconds": waited, **held, **found})
        console.ok(f"recall@10 {found['recall']:.4f}, {console.milliseconds(found['client']['mean'])} ms a search, {held['graphs']} graphs")


def main():
    options = arguments()
    place = environment.Place(options, programs=("tandemd", "tandem", "bench-vector-updates"))
    vectors = updates_vectors.bring(place, options, insert_count(options))
    folder = place.cache / "updates"
    # The lock of bench-dense, whose vectors these are.
    with turns.alone(place.cache / "dense.lock", place.cache):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            with Daemon(place.binaries, folder / "data", models="none", arguments=("--search-queue", str(SEARCH_QUEUE))) as daemon:
                result = Run(place, options, vectors, daemon).measure()
        finally:
            # The log stays, the data do not.
            shutil.rmtree(folder / "data", ignore_errors=True)
    place.finish(NAME, result, updates_report.markdown(result), options)
    return 0 if updates_report.check(updates_report.bounds(result, options)) else 1


if __name__ == "__main__":
    sys.exit(environment.run(main))
