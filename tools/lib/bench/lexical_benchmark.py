"""Keyword queries and index builds inside the engine's core, beside Lucene and tantivy; see tools/bench-lexical."""

import argparse
import json
import os
import pathlib
import shutil
import sys

from . import console, environment, lexical_engines, lexical_queries, lexical_report, machine, real_text, report, turns, virtual, workload
from .daemon import MeasurementError

DOCUMENTS = [1_000_000]
# The whole table for the first, the others for the curve.
FULL = [1_000_000, 100_000, 5_000_000]
# Bytes a document, measured on the synthetic workload at a million and rounded up: texts, what the generator holds at a time, two indexes
# of three engines while they merge.
TEXT_BYTES, SCRATCH_BYTES = 700, 2_000
# Memory: the generator's arrays and Tandem's segments grow with the documents; Lucene's heap and tantivy's arena do not.
MEMORY_BYTES, MEMORY_FLOOR = 1_300, 5 << 30


def sizes(text):
    """`1000000,100000` as numbers, each once."""
    found = list(dict.fromkeys(int(part) for part in text.split(",")))
    if min(found) < 1000:
        raise argparse.ArgumentTypeError("a size below 1000 documents says nothing")
    return found


def arguments(command_line=None):
    parser = argparse.ArgumentParser(
        prog="tools/bench-lexical",
        description="Builds indexes of the same texts (one field, one form a word, whitespace between) with Tandem's lexical core, Lucene and tantivy, "
        "without positions and with them, then runs the query sets on one processor: processor time of the one thread, every query's best of several "
        "passes. Tandem's hits are compared with its own exhaustive scoring, bit for bit, and with the peers', whose lengths are lossy. Writes a table, a "
        "plot and JSON.",
        epilog="Exit code: 0, 1 when Tandem's hits are not those of exhaustive scoring or something cannot be had, 2 for a wrong command line. tantivy, "
        "matplotlib and lxml go into a virtual environment in the cache, Lucene's jar beside it, both once; Lucene needs java and javac (Debian: "
        "openjdk-17-jdk-headless). TANDEM_BIN names the folder of bench-lexical.")
    parser.add_argument(
        "--documents", type=sizes, metavar="N[,N…]",
        help="documents (default: 1000000; of real text all); several sizes give a curve, and the first of them the whole table")
    parser.add_argument("--seed", type=int, default=20240607, metavar="N", help="seed of the workload and of the queries made here (default: 20240607)")
    parser.add_argument("--passes", type=int, default=5, metavar="N", help="passes over each set (default: 5)")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(lexical_queries.NAMES), metavar="SET[,SET…]",
                        help=f"query sets (default: {','.join(lexical_queries.NAMES)})")
    parser.add_argument("--text", choices=["debian"], help="real text instead of the synthetic workload: descriptions, manual pages and manuals of Debian "
                        f"packages, through apt (at least {real_text.PASSAGES_MIN:,} passages; about 220 MB to fetch, once)")
    parser.add_argument("--full", action="store_true", help="all of it: the synthetic workload at 1, 0.1 and 5 million documents, then real text")
    parser.add_argument("--no-lucene", action="store_true", help="leave Lucene out")
    parser.add_argument("--no-tantivy", action="store_true", help="leave tantivy out")
    parser.add_argument("--no-plot", action="store_true", help="leave the plot out")
    parser.add_argument("--out", metavar="DIR", help="where bench-lexical.md, .svg and .json go, of real text bench-lexical-debian.* (default: the cache)")
    environment.add_common(parser)
    options = parser.parse_args(command_line)
    if options.full and (options.text or options.documents):
        parser.error("--full says which texts and sizes; leave --text and --documents out")
    if unknown := set(options.sets) - set(lexical_queries.NAMES):
        parser.error(f"--sets: {', '.join(sorted(unknown))}: expected some of {', '.join(lexical_queries.NAMES)}")
    if options.passes < 1:
        parser.error("--passes: expected a number above 0")
    return options


def plain_texts(load):
    """docs.txt beside the workload's corpus: one document a line, as all engines read it."""
    path = load.folder / "docs.txt"
    if not path.exists():
        with open(load.corpus, encoding="utf-8") as source, open(path.with_suffix(".part"), "w", encoding="utf-8") as target:
            for line in source:
                target.write(json.loads(line)["text"] + "\n")
        path.with_suffix(".part").rename(path)
    return load.folder


def check_room(cache, documents, free=None, memory=None):
    """Says in advance what would otherwise fail after half an hour."""
    free = shutil.disk_usage(cache).free if free is None else free
    kept = sum(n for n in documents if not list(cache.glob(f"workload-{n}-*/complete"))) * TEXT_BYTES
    wanted = kept + max(documents) * (TEXT_BYTES + SCRATCH_BYTES)
    if wanted > free:
        raise MeasurementError(
            f"{console.count(max(documents))} documents need about {console.size(wanted)} in {cache}, which has {console.size(free)} left; "
            "take fewer (--documents), or another folder (--cache)")
    memory = memory_available() if memory is None else memory
    wanted = max(MEMORY_FLOOR, max(documents) * MEMORY_BYTES)
    if wanted > memory:
        raise MeasurementError(
            f"{console.count(max(documents))} documents need about {console.size(wanted)} of memory, of which {console.size(memory)} are available; "
            "take fewer (--documents), or end what holds it")


def memory_available():
    for line in pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return sys.maxsize


def synthetic(place, documents, options):
    """(folder with texts and queries, what they are)."""
    load = workload.prepare(place.cache, documents, options.seed, generator=place.shared("peers/generate_text.py"))
    folder = plain_texts(load)
    lexical_queries.make_missing(folder, options.seed)
    return folder, load.label


def real(place, documents, options):
    """The same of Debian's texts; `documents` evenly spaced ones of them, or all."""
    folder, label = real_text.prepare(place.cache, documents, virtual.python(place.cache))
    lexical_queries.make_missing(folder, options.seed)
    return folder, label


def engines(place, folder, scratch, options):
    """Tandem first, then the peers that are wanted."""
    tandem = lexical_engines.Tandem(folder, scratch, place.binaries / "bench-lexical")
    peers = []
    if not options.no_lucene:
        peers.append(lexical_engines.Lucene(folder, scratch, lexical_engines.lucene_command(place.cache, scratch)))
    if not options.no_tantivy:
        peers.append(lexical_engines.Tantivy(folder, scratch, lexical_engines.tantivy_command(place.cache)))
    return tandem, peers


def measure(folder, label, place, options, whole, scratch):
    """One size: every engine's builds and sets; `whole`: with two threads beside two processes."""
    tandem, peers = engines(place, folder, scratch, options)
    names = [name for name in lexical_queries.NAMES if name in options.sets]
    for name in set(names) - set(tandem.sets(names)):
        console.warn(f"this build of bench-lexical cannot search the set '{name}': Tandem's cell stays empty")
    neighbours = machine.Neighbours(lambda: sum(os.times()[:4]))
    neighbours.begin()
    result = {"machine": machine.describe(place.root), "workload": label, "sets": names, "engines": {}}
    for engine in (tandem, *peers):
        console.step(f"{engine.label}: index, then queries")
        times = {k: engine.measure(names, k, options.passes) for k in (10, 100)}
        result["engines"][engine.key] = {
            "label": " ".join(filter(None, [engine.label, getattr(engine, "version", "")])), "builds": times[10]["builds"],
            "times": {str(k): found["sets"] for k, found in times.items()}, "bar": [name for name in names if engine.bars(name)]}
        build = times[10]["builds"].get("freq") or next(iter(times[10]["builds"].values()))
        result["documents"] = build["documents"]
        console.ok(f"{build['cpu_seconds']:.1f} s of CPU for {console.count(build['documents'])} documents, {console.size(build['bytes'])}")
        if engine is not tandem:
            result["engines"][engine.key]["agreement"] = lexical_engines.agreement(tandem.hits, engine.hits, names)
    console.step("Tandem: every match scored, to compare")
    result["equals_exhaustive"], result["exhaustive"] = tandem.equals_exhaustive(names)
    if whole and len(os.sched_getaffinity(0)) > 1:
        console.step("Two threads, and two processes")
        result["scaling"] = tandem.scaling(names)
    result["others_share"] = neighbours.share()
    return result


def out_folder(place, options):
    return pathlib.Path(options.out).absolute() if options.out else place.cache


def runs(name, place, options, text, documents):
    """The results of all sizes, the whole one first; kept after each size, should a later one fail."""
    results = []
    check_room(place.cache, [n or real_text.PASSAGES_EXPECTED for n in documents])
    for number, size in enumerate(documents):
        folder, label = (real if text else synthetic)(place, size, options)
        with turns.alone_in(place.cache / "lexical", place.cache / "lexical.lock", place.cache) as scratch:
            results.append(measure(folder, label, place, options, number == 0, scratch))
        report.save_json(out_folder(place, options) / f"{name}.json", {"runs": results})
    return results


def publish(name, results, place, options):
    """Table, plot and JSON; with --write the first two go into the page, too."""
    body = lexical_report.markdown(results)
    out = out_folder(place, options)
    picture = out / f"{name}.svg"
    if not options.no_plot:
        body += f"\n\n![{name}: mean time of a query by set and engine]({picture.name})"
    place.finish(name, {"runs": results}, body, options, folder=out)
    if not options.no_plot:
        lexical_report.plot(virtual.python(place.cache), out / f"{name}.json", picture)
        if options.write:
            shutil.copy(picture, place.root / "docs" / picture.name)


def main():
    options = arguments()
    place = environment.Place(options, programs=["bench-lexical"])
    wanted = [("bench-lexical", None, FULL), ("bench-lexical-debian", "debian", [None])] if options.full else [
        ("bench-lexical-debian", "debian", options.documents or [None]) if options.text else ("bench-lexical", None, options.documents or DOCUMENTS)]
    right = True
    for name, text, documents in wanted:
        results = runs(name, place, options, text, documents)
        publish(name, results, place, options)
        right = right and all(result["equals_exhaustive"] for result in results)
    if not right:
        console.failure("the hits are not those of exhaustive scoring")
        return 1
    console.ok("hits, order and scores are those of exhaustive scoring")
    return 0


if __name__ == "__main__":
    sys.exit(environment.run(main))
