"""Lexical-only import of a large corpus through the front door; see tools/bench-import."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from . import console, environment, machine, report, workload
from .console import count, milliseconds, size
from .daemon import Daemon, MeasurementError, children_cpu_seconds, folder_bytes

COLLECTION = "bench"


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/bench-import",
        description="Import a million documents into a keyword-only collection of a fresh daemon and measure: peak anonymous memory "
        "(sampled every 100 ms), documents a second, time until searchable, bytes on disk, then p50 and p99 of the 'mix' queries "
        "(top 10, sequential, warm, over loopback).",
        epilog="Exit code: 0, 1 when the memory bound or a result is missed, 2 for a wrong command line. TANDEM_BIN names the folder of "
        "tandemd, tandem and bench-load; without it they are built.")
    parser.add_argument("--documents", type=int, default=1_000_000, metavar="N", help="documents to import (default: 1000000)")
    parser.add_argument("--seed", type=int, default=20240607, metavar="N", help="seed of the workload (default: the generator's)")
    parser.add_argument("--generator", metavar="FILE", help="the workload's generator (default: ../shared/peers/generate_text.py beside the checkout)")
    parser.add_argument("--own-generator", action="store_true", help="use the small generator of this tool instead")
    parser.add_argument("--python", metavar="PY", help="interpreter with numpy and numba for the generator (default: one is set up)")
    parser.add_argument("--batch", type=int, default=256, metavar="N", help="documents of a batch of the import (default: 256)")
    parser.add_argument("--in-flight", type=int, default=4, metavar="N", help="batches under way at a time (default: 4)")
    parser.add_argument("--queries", type=int, default=3000, metavar="N", help="searches to measure (default: 3000)")
    parser.add_argument("--memory-max", type=float, default=2.0, metavar="GB", help="bound of the peak, in 10^9 bytes (default: 2.0)")
    parser.add_argument("--tandemd-option", action="append", default=[], metavar="OPTION", help="passed on to tandemd; repeatable")
    parser.add_argument("--data", metavar="DIR", help="keep the daemon's data in this new folder (default: a temporary one, removed)")
    environment.add_common(parser)
    return parser.parse_args()


def measure(options, place, work):
    corpus_bytes = work.corpus.stat().st_size
    with Daemon(place.binaries, options.data, arguments=options.tandemd_option) as daemon:
        daemon.tandem("collection", "create", COLLECTION, "--model", "none", "--text-field", "text")
        console.step(f"Importing {count(options.documents)} documents ({size(corpus_bytes)})")
        neighbours = machine.Neighbours(lambda: daemon.cpu_seconds() + children_cpu_seconds())
        daemon.memory.phase = "import"
        cpu, client_cpu, began = daemon.cpu_seconds(), children_cpu_seconds(), time.monotonic()
        daemon.tandem(
            "import", COLLECTION, work.corpus, "--wait", "logged", "--no-resume", "--batch", options.batch, "--in-flight",
            options.in_flight, show_progress=True)
        logged = time.monotonic() - began
        state = daemon.wait_applied(COLLECTION, interval=0.1)
        searchable = time.monotonic() - began
        import_cpu, client_cpu = daemon.cpu_seconds() - cpu, children_cpu_seconds() - client_cpu
        others = neighbours.share()
        if state["documents"] != options.documents:
            raise MeasurementError(f"the collection has {state['documents']} documents after the import of {options.documents}")
        console.ok(f"searchable after {searchable:.1f} s, peak {size(daemon.memory.peak)}")

        console.step("Background work: sealing, merging")
        daemon.memory.phase = "settling"
        daemon.wait_idle()
        settled_cpu = daemon.cpu_seconds() - cpu
        settle_seconds = time.monotonic() - began - searchable
        state = daemon.collection(COLLECTION)

        console.step("Queries")
        daemon.memory.phase = "queries"
        neighbours.begin()
        queries = daemon.load(
            COLLECTION, "--queries", work.queries("mix"), "--mode", "lexical", "--limit", 10, "--warm", 1000, "--count", options.queries)
        query_others = neighbours.share()
        memory = daemon.memory
        result = {
            "machine": machine.describe(place.root),
            "workload": work.label,
            "documents": options.documents,
            "corpus_bytes": corpus_bytes,
            "seconds_logged": logged,
            "seconds_searchable": searchable,
            "documents_per_second": options.documents / searchable,
            "daemon_cpu_seconds": import_cpu,
            "documents_per_daemon_cpu_second": options.documents / import_cpu,
            "client_cpu_seconds": client_cpu,
            "settle_seconds": settle_seconds,
            "settle_cpu_seconds": settled_cpu - import_cpu,
            "peak_anonymous_bytes": memory.peak,
            "peak_by_phase": memory.peaks,
            "memory_samples": memory.samples,
            "anonymous_bytes_at_end": memory.last,
            "index_bytes": state["index_bytes"],
            "store_bytes": state["store_bytes"],
            "memory_segment_bytes": state["memory_bytes"],
            "lexical_segments": state["lexical_segments"],
            "folder_bytes": folder_bytes(options.data),
            "bytes_written": daemon.bytes_written(),
            "queries": queries,
            "others_share_import": others,
            "others_share_queries": query_others,
        }
    return result


def markdown(r):
    q = r["queries"]
    rows = [
        ("documents", f"{count(r['documents'])} ({size(r['corpus_bytes'])} of JSON Lines; {r['workload']})"),
        ("time until all is logged / searchable", f"{r['seconds_logged']:.1f} s / {r['seconds_searchable']:.1f} s"),
        ("documents a second, wall", count(r["documents_per_second"])),
        ("documents a second of the daemon's CPU", f"{count(r['documents_per_daemon_cpu_second'])} ({r['daemon_cpu_seconds']:.0f} s; the client's: {r['client_cpu_seconds']:.0f} s)"),
        ("sealing and merging afterwards", f"{r['settle_seconds']:.0f} s, {r['settle_cpu_seconds']:.0f} s of CPU"),
        ("anonymous memory, peak", f"{size(r['peak_anonymous_bytes'])} (" + ", ".join(f"{k} {size(v)}" for k, v in r["peak_by_phase"].items() if k != "start") + ")"),
        ("index / store on disk", f"{size(r['index_bytes'])} / {size(r['store_bytes'])} in {r['lexical_segments']} segments; written in all: {size(r['bytes_written'])}"),
        ("*mix* queries, top 10, p50 / p99 at the client", f"{milliseconds(q['client']['p50'])} / {milliseconds(q['client']['p99'])} ms"),
        ("the same, the reply's own time", f"{milliseconds(q['server']['p50'])} / {milliseconds(q['server']['p99'])} ms"),
    ]
    return (
        console.table(["lexical-only import", "measured"], rows)
        + f"\n\n{r['machine']}. Import: {machine.load_note(r['others_share_import'])}. Queries: {100 * r['others_share_queries']:.0f} %.")


def main():
    options = arguments()
    place = environment.Place(options)
    if options.documents < 1:
        environment.usage("--documents: expected at least 1")
    generator = None
    if not options.own_generator:
        generator = pathlib.Path(options.generator) if options.generator else place.shared("peers/generate_text.py")
        if options.generator and not generator.exists():
            environment.usage(f"--generator {generator}: there is no such file")
        if not generator or not generator.exists():
            console.warn("../shared/peers/generate_text.py is not there: a small generator of this tool stands in")
            generator = None
    work = workload.prepare(place.cache, options.documents, options.seed, generator, options.python)
    temporary = None
    if options.data:
        if pathlib.Path(options.data).exists():
            environment.usage(f"--data {options.data}: exists already; a fresh daemon is measured")
    else:
        temporary = tempfile.mkdtemp(prefix="bench-import-", dir=place.cache)
        options.data = temporary + "/data"
    try:
        result = measure(options, place, work)
    except MeasurementError as error:
        console.failure(str(error))
        console.progress(f"the daemon's data and log: {options.data}, {options.data}.log")
        temporary = None
        return 1
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
    body = markdown(result)
    place.finish("bench-import", result, body, options)
    bound = options.memory_max * 1e9
    if result["peak_anonymous_bytes"] >= bound:
        console.failure(f"anonymous memory peaked at {size(result['peak_anonymous_bytes'])}, the bound is {size(bound)}")
        return 1
    console.ok(f"anonymous memory stayed under {size(bound)}: {size(result['peak_anonymous_bytes'])}")
    return 0


if __name__ == "__main__":
    sys.exit(environment.run(main))
