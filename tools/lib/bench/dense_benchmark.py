"""Tandem's dense index beside hnswlib, SymphonyQG and faiss: recall against time; see tools/bench-dense."""

import argparse
import contextlib
import os
import pathlib
import shutil
import sys

from . import console, dense_curves, dense_engines, dense_report, dense_vectors, environment, machine, report, turns, virtual
from .daemon import MeasurementError
from .lexical_benchmark import memory_available

NAME, K = "bench-dense", 10
PACKAGES = ("numpy==2.4.6", "matplotlib==3.11.2", "hnswlib==0.8.0", "rabitqlib==0.7.1", "faiss-cpu==1.15.1")
# Memory of an engine while it builds, by rows and dimension; measured and rounded up.
BUILD_BYTES = {
    "hnswlib": lambda rows, d: rows * (4 * d + 200), "symphonyqg": lambda rows, d: rows * (10 * d + 2500), "faiss": lambda rows, d: rows * (6 * d),
    "tandem": lambda rows, d: rows * (10 * d + 1500), "tandem-compact": lambda rows, d: rows * (8 * d + 500)}


def sizes(text):
    """`300000,1000000` as numbers, each once, the smallest first."""
    found = sorted({int(part) for part in text.split(",")})
    if min(found) < 10_000:
        raise argparse.ArgumentTypeError("fewer than 10000 rows say nothing")
    return found


def arguments(command_line=None):
    parser = argparse.ArgumentParser(
        prog="tools/bench-dense", conflict_handler="resolve",
        description="Builds indexes of the same vectors with Tandem's dense core, hnswlib, SymphonyQG (rabitqlib) and faiss (IVF, fast-scan PQ, refined), "
        "then sweeps what makes each slower and more accurate, on one thread and one processor. Engines take turns, parameter by parameter and round by "
        "round; the medians count. Writes recall@10 against time as tables, a plot and JSON.",
        epilog="Exit code: 0, 1 when an engine fails or something cannot be had, 2 for a wrong command line. The peers go into a virtual environment in "
        "the cache, once; hnswlib is compiled there (Debian: g++, python3-dev). TANDEM_BIN names the folder of bench-dense and embed-passages.")
    parser.add_argument("--vectors", metavar="FILE.npy", help="float32 in two dimensions (default: real passages through the default bi-encoder)")
    parser.add_argument("--rows", type=sizes, default=[300_000, 1_000_000], metavar="N[,N…]",
                        help="sizes (default: 300000,1000000): the file's first N rows; where it has fewer, perturbed copies make up for the rest")
    parser.add_argument("--queries", type=int, default=1000, metavar="N", help="the file's last N rows (default: 1000)")
    parser.add_argument("--metric", choices=["cosine"], default="cosine", help="rows are brought to length 1 first")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(dense_engines.NAMES), metavar="NAME[,NAME…]",
                        help=f"default: {','.join(dense_engines.NAMES)}")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds over all engines' parameters (default: 3)")
    parser.add_argument("--seconds", type=float, default=3600, metavar="N", help="longest wait for one answer of an engine, which fails then (default: 3600)")
    parser.add_argument("--builds", type=int, default=1, metavar="N", help="builds at a time, each on a processor of its own (default: 1; more costs "
                        "each of them some speed)")
    parser.add_argument("--keep", action="store_true", help="keep the peers' indexes in the cache (7 kB a row of 384 dimensions) and take up those that "
                        "are there, with the build's figures of then")
    parser.add_argument("--no-plot", action="store_true", help="leave the plot out")
    parser.add_argument("--out", metavar="DIR", help=f"where {NAME}.md, .svg and .json go (default: the cache)")
    environment.add_common(parser)
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="write one JSON object to FILE; without FILE print it instead of the table")
    options = parser.parse_args(command_line)
    if unknown := set(options.engines) - set(dense_engines.NAMES):
        parser.error(f"--engines: {', '.join(sorted(unknown))}: expected some of {', '.join(dense_engines.NAMES)}")
    for name, least in (("queries", 100), ("rounds", 1), ("builds", 1), ("seconds", 1)):
        if getattr(options, name) < least:
            parser.error(f"--{name}: expected at least {least}")
    return options


def check_room(cache, rows, dimension, engines, free=None, memory=None):
    """Says in advance what would otherwise fail after half an hour."""
    free = shutil.disk_usage(cache).free if free is None else free
    wanted = rows * dimension * 4
    if wanted > free:
        raise MeasurementError(
            f"{console.count(rows)} rows need {console.size(wanted)} in {cache}, which has {console.size(free)} left; take fewer (--rows), or another "
            "folder (--cache)")
    memory = memory_available() if memory is None else memory
    # All engines stay, since they take turns; the file is read by all.
    wanted += sum(BUILD_BYTES[name](rows, dimension) for name in engines)
    if wanted > memory:
        raise MeasurementError(
            f"{console.count(rows)} rows with {', '.join(engines)} need about {console.size(wanted)} of memory, of which {console.size(memory)} are "
            "available; take fewer (--rows, --engines), or end what holds it")


class Size:
    """One size: every engine's build, sweep and rounds. Engines that fail are left out of the rest and named in `failed`."""

    def __init__(self, engines, judge, data, rows, queries, scratch, options):
        self.engines, self.judge, self.data, self.rows, self.queries = engines, judge, data, rows, queries
        self.scratch, self.options = scratch, options
        self.workers, self.builds, self.points, self.failed, self.more = {}, {}, {}, {}, {}

    def measure(self):
        """{key: {"label", "settings", "build", "points"}}."""
        processors = sorted(os.sched_getaffinity(0))
        with contextlib.ExitStack() as stack:
            for engine in self.engines:
                stack.callback(shutil.rmtree, self._folder(engine.key), ignore_errors=True)
            self._build(stack, processors[:self.options.builds])
            for worker in self.workers.values():
                worker.move(processors[0])
            sweeps = self._sweep()
            self._rounds(sweeps)
            self.more = self._more(sweeps)
        return {
            key: {"label": build.pop("label"), "settings": build.pop("settings", ""), "build": build, "points": self.points[key]}
            for key, build in self.builds.items() if self.points.get(key)}

    def _build(self, stack, processors):
        waiting = list(self.engines)
        while waiting:
            under_way = []
            for engine, processor in zip(waiting, processors):
                log = self.scratch / f"{engine.key}.log"
                with self._fails(engine.key):
                    worker = stack.enter_context(dense_engines.Worker(engine.key, engine.command, log, self.options.seconds, processor))
                    worker.begin({"do": "build", "vectors": str(self.data), "rows": self.rows, "queries": self.queries, "metric": self.options.metric,
                                  "options": engine.options, **self._kept(engine)})
                    under_way.append((engine, worker))
            console.step(f"{console.count(self.rows)} rows, build: {', '.join(engine.key for engine, _ in under_way)}")
            for engine, worker in under_way:
                with self._fails(engine.key):
                    build = worker.answer()
                    self.builds[engine.key], self.workers[engine.key] = build, worker
                    told = f"{build['label']}: {build['cpu_s']:.0f} s of CPU, {build['bytes'] / self.rows:,.0f} bytes a vector"
                    console.ok(told + (" (kept from an earlier run)" if build.get("kept") else ""))
            waiting = waiting[len(processors):]

    def _folder(self, key):
        return self.scratch / f"{key}-{self.rows}"

    def _more(self, sweeps):
        """What only Tandem is asked: filters, and two threads beside two processes, at the least parameter that reaches .95."""
        key = "tandem"
        if key not in self.workers or key in self.failed or len(os.sched_getaffinity(0)) < 2:
            return {}
        worker, found = self.workers[key], {}
        parameter = next((parameter for parameter, recall in sweeps[key] if recall >= .95), sweeps[key][-1][0])
        with self._fails(key):
            console.step(f"Filters, at effort {parameter}")
            found["filters"] = {"parameter": parameter, **worker.ask({"do": "filters", "parameter": parameter, "queries": 50})}
            console.step("Two threads, beside two processes")
            found["threads"] = {"parameter": parameter, "turns": self._threads(worker, parameter)}
        return found

    def _threads(self, worker, parameter, turns=5, seconds=2):
        """Queries a second of two threads of one process, and of two processes with a thread each, in turns."""
        processors = sorted(os.sched_getaffinity(0))[:2]
        second = dense_engines.Worker("tandem (second process)", worker.command, self.scratch / "second.log", self.options.seconds, processors[1])
        measured = []
        with second:
            second.ask({"do": "build", "vectors": str(self.data), "rows": self.rows, "queries": self.queries, "folder": str(self._folder("tandem"))})
            for _ in range(turns + 1):
                worker.move(processors)
                threads = worker.ask({"do": "throughput", "threads": 2, "parameter": parameter, "seconds": seconds})["queries_per_s"]
                worker.move(processors[0])
                for one in (worker, second):
                    one.begin({"do": "throughput", "threads": 1, "parameter": parameter, "seconds": seconds})
                measured.append({"threads": threads, "processes": sum(one.answer()["queries_per_s"] for one in (worker, second))})
        # The first turn warms both.
        return measured[1:]

    def _kept(self, engine):
        """Where the engine's index is kept, if it is."""
        if dense_engines.is_tandem(engine.key):
            return {"folder": str(self._folder(engine.key))}
        if not self.options.keep or not engine.build:
            return {}
        return {"kept": str(self.data.parent / f"index-{self.rows}-{engine.key}-{engine.build}")}

    def _sweep(self):
        """{key: [(parameter, recall)]}: which parameters are worth their time. Warms them up, too."""
        console.step("Recall by parameter")
        sweeps = {}
        for engine in self.engines:
            if engine.key in self.workers:
                with self._fails(engine.key):
                    sweeps[engine.key] = dense_curves.explore(engine.parameters, lambda parameter: self._search(engine.key, parameter)[1])
                    low, high = sweeps[engine.key][0], sweeps[engine.key][-1]
                    console.ok(f"{self.builds[engine.key]['label']}: {low[1]:.4f} at {low[0]} to {high[1]:.4f} at {high[0]}")
        return sweeps

    def _rounds(self, sweeps):
        """Times of every parameter, engines in turns: the n-th parameters of all, then the next."""
        answers = {key: [[] for _ in sweep] for key, sweep in sweeps.items()}
        for number in range(self.options.rounds):
            console.progress(f"round {number + 1} of {self.options.rounds}")
            order = list(sweeps)
            # Another one begins each round.
            order = order[number % max(1, len(order)):] + order[:number % max(1, len(order))]
            for step in range(max(map(len, sweeps.values()), default=0)):
                for key in order:
                    if step < len(sweeps[key]) and key not in self.failed:
                        with self._fails(key):
                            answers[key][step].append(self._search(key, sweeps[key][step][0], judged=False)[0])
        for key, sweep in sweeps.items():
            if key not in self.failed:
                self.points[key] = [dense_curves.point(parameter, recall, found) for (parameter, recall), found in zip(sweep, answers[key])]

    def _search(self, key, parameter, judged=True):
        ids = self.scratch / f"{key}.ids"
        answer = self.workers[key].ask({"do": "search", "parameter": parameter, "k": K, "ids_to": str(ids)})
        return answer, self.judge.ask({"do": "recall", "ids": str(ids), "k": K})["recall"] if judged else None

    @contextlib.contextmanager
    def _fails(self, key):
        try:
            yield
        except dense_engines.EngineError as error:
            console.failure(str(error))
            self.failed[key] = str(error)


def measure(place, options, engines, judge, prepared, rows, scratch):
    """One size's whole result."""
    neighbours = machine.Neighbours(lambda: sum(os.times()[:4]))
    kept = place.cache / "dense" / f"truth-{rows}.npz"
    console.step(f"{console.count(rows)} rows: exact answers")
    judge.ask({"do": "truth", "vectors": str(prepared["file"]), "rows": rows, "queries": options.queries, "kept": str(kept)})
    neighbours.begin()
    size = Size(engines, judge, prepared["file"], rows, options.queries, scratch, options)
    found = size.measure()
    return {
        "machine": machine.describe(place.root), "vectors": dense_vectors.label(prepared, rows), "rows": rows, "queries": options.queries,
        "rounds": options.rounds, "dimension": prepared["dimension"], "engines": found, "more": size.more, "failed": size.failed, "others_share": neighbours.share()}


def runs(place, options, python):
    """The results of all sizes, the smallest first; kept after each, should a later one fail."""
    scratch, results = place.cache / "dense" / "run", []
    scratch.mkdir(parents=True, exist_ok=True)
    engines = dense_engines.table(options.engines, python, place.binaries / "bench-dense", PACKAGES)
    with turns.alone(place.cache / "dense.lock", place.cache), dense_engines.judge(python, scratch / "judge.log", options.seconds) as judge:
        wanted = max(options.rows) + options.queries
        source = pathlib.Path(options.vectors) if options.vectors else dense_vectors.default(place, judge, wanted)
        if not source.exists():
            environment.usage(f"--vectors: there is no {source}")
        dimension = judge.ask({"do": "describe", "vectors": str(source)})["dimension"]
        check_room(place.cache, max(options.rows), dimension, options.engines)
        prepared = dense_vectors.prepare(place.cache, judge, source, max(options.rows), options.queries)
        for rows in options.rows:
            results.append(measure(place, options, engines, judge, prepared, rows, scratch))
            report.save_json(out_folder(place, options) / f"{NAME}.json", {"runs": results})
    return results


def out_folder(place, options):
    return pathlib.Path(options.out).absolute() if options.out else place.cache


def publish(results, place, options, python):
    """Tables, plot and JSON; with --write the first two go into the page, too."""
    body, out = dense_report.markdown(results), out_folder(place, options)
    picture = out / f"{NAME}.svg"
    plots = not options.no_plot and any(result["engines"] for result in results)
    if plots:
        body += f"\n\n![{NAME}: recall@10 against time by engine and size]({picture.name})"
    if options.json and options.json != "-":
        report.save_json(pathlib.Path(options.json).absolute(), {"runs": results})
    options.json = options.json == "-"
    place.finish(NAME, {"runs": results}, body, options, folder=out)
    if plots:
        dense_report.plot(python, out / f"{NAME}.json", picture)
        if options.write:
            shutil.copy(picture, place.root / "docs" / picture.name)


def main():
    options = arguments()
    place = environment.Place(options, programs=["bench-dense"] if any(map(dense_engines.is_tandem, options.engines)) else [])
    python = virtual.python(
        place.cache, "dense-peers", PACKAGES, "install them; is a package index within reach, and are there a C++ compiler and Python's headers "
        "for hnswlib (Debian: apt-get install g++ python3-dev)?")
    results = runs(place, options, python)
    publish(results, place, options, python)
    failed = sorted({key for result in results for key in result["failed"]})
    if failed:
        console.failure(f"failed: {', '.join(failed)}")
        return 1
    console.ok("every engine ran")
    return 0


if __name__ == "__main__":
    sys.exit(environment.run(main))
