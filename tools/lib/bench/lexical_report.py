"""What tools/bench-lexical measured, as a table for people and as a plot."""

import pathlib
import statistics
import subprocess
import sys

from . import console
from .console import count
from .daemon import MeasurementError

TITLES = {
    "mix": "mix (1–5 words)", "long": "long (8–15 keywords)", "nat": "natural (6–12 with stop words)", "and": "and (all of 2–5 words)",
    "phrase": "phrase (2–3 words)", "single": "single word"}
NONE = "–"


def best_peer(result, name, k):
    """The least mean of the peers that are a bar for the set; None without one."""
    means = [
        engine["times"][str(k)][name]["mean"] for key, engine in result["engines"].items()
        if key != "tandem" and name in engine["bar"] and name in engine["times"][str(k)]]
    return min(means) if means else None


def markdown(results):
    """The first result's whole table; with several results the curve behind it."""
    body = whole_table(results[0]) + "\n\n" + notes(results[0])
    if len(results) > 1:
        body += "\n\n" + curve_table(results)
    return body


def whole_table(result):
    engines = result["engines"]
    rows = [_times(result, name, k) for k in (10, 100) for name in result["sets"]]
    for option, words in (("freq", "without positions"), ("position", "with positions")):
        if any(option in engine["builds"] for engine in engines.values()):
            rows += [_speed(engines, option, words), _bytes(engines, option, words)]
    return console.table(["mean / p99 in µs", *(engine["label"] for engine in engines.values()), "best peer / Tandem"], rows)


def _times(result, name, k):
    cells = []
    for key, engine in result["engines"].items():
        found = engine["times"][str(k)].get(name)
        text = f"{found['mean']:.0f} / {found['p99']:.0f}" if found else NONE
        cells.append(text if key == "tandem" or name in engine["bar"] else f"({text})")
    ours, bar = result["engines"]["tandem"]["times"][str(k)].get(name), best_peer(result, name, k)
    return (f"{TITLES[name]}, top {k}", *cells, f"**{bar / ours['mean']:.1f} ×**" if ours and bar else NONE)


def _rate(build):
    return build["documents"] / build["cpu_seconds"] if build and build["cpu_seconds"] else None


def _speed(engines, option, words):
    rates = {key: _rate(engine["builds"].get(option)) for key, engine in engines.items()}
    peers = [rate for key, rate in rates.items() if key != "tandem" and rate]
    cells = [count(round(rate)) if rate else NONE for rate in rates.values()]
    return (f"documents a CPU second, {words}", *cells, f"{rates['tandem'] / max(peers):.1f} ×" if rates["tandem"] and peers else NONE)


def _bytes(engines, option, words):
    sizes = {key: engine["builds"][option]["bytes"] if option in engine["builds"] else None for key, engine in engines.items()}
    peers = [size for key, size in sizes.items() if key != "tandem" and size]
    cells = [f"{size / 1e6:.1f}" if size else NONE for size in sizes.values()]
    return (f"index {words}, MB", *cells, f"{sizes['tandem'] / min(peers):.2f} × the bytes" if sizes["tandem"] and peers else NONE)


def notes(result):
    """What a reader has to know about the figures."""
    exhaustive = ", ".join(f"{name} {mean:.0f}" for name, mean in result["exhaustive"].items())
    parts = [
        f"{count(result['documents'])} documents ({result['workload']}), one thread, warm. Hits equal exhaustive scoring bit for bit: "
        f"{'yes' if result['equals_exhaustive'] else 'NO'} (which takes {exhaustive} µs)"]
    parts += [_agreement(engine) for engine in result["engines"].values() if "agreement" in engine]
    if any(set(result["sets"]) - set(engine["bar"]) for engine in result["engines"].values()):
        parts.append("In brackets: scored exhaustively by the engine's binding, so no bar")
    if "scaling" in result:
        over = {
            other: ", ".join(
                f"{name} {statistics.median(t / o for t, o in zip(s['threads'], s[other], strict=True)):.2f}" for name, s in result["scaling"].items())
            for other in ("processes", "alone")}
        parts.append(
            f"Queries a second of two threads, over those of two processes at a time: {over['processes']}; over those of one thread: {over['alone']} "
            "(medians of five turns)")
    several = [f"{engine['label']} {build['segments']}" for engine in result["engines"].values() for build in engine["builds"].values() if build["segments"] > 1]
    if several:
        parts.append(f"More than one segment: {', '.join(several)}")
    parts += [result["machine"], f"CPU that others used: {100 * result['others_share']:.0f} %"]
    return ". ".join(parts) + "."


def _agreement(engine):
    found = engine["agreement"]
    parts = []
    if found["share"] is not None:
        parts.append(f"{100 * found['share']:.1f} % of its hits are ours")
    if found["scores_off"] is not None:
        parts.append(f"scores differ by {100 * found['scores_off']:.1f} % at p99")
    if found["other_counts"]:
        parts.append(f"{found['other_counts']} queries with another number of hits")
    return f"{engine['label']}, which rounds lengths: " + (", ".join(parts) or "nothing to compare")


def curve_table(results):
    """Mean microseconds of the top 10 by size of the collection, the smallest first."""
    results = sorted(results, key=lambda result: result["documents"])
    rows = []
    for name in results[0]["sets"]:
        for key, engine in results[0]["engines"].items():
            means = [result["engines"][key]["times"]["10"].get(name, {}).get("mean") for result in results]
            growth = f"{means[-1] / means[0]:.1f} ×" if means[0] and means[-1] else NONE
            rows.append((f"{TITLES[name]}, {engine['label']}", *(f"{mean:.0f}" if mean else NONE for mean in means), growth))
    grown = f"for {results[-1]['documents'] / results[0]['documents']:.0f} × the documents"
    return console.table(["mean in µs, top 10", *(count(result["documents"]) for result in results), grown], rows)


def plot(python, source, target):
    """Draws the JSON file with the environment's matplotlib."""
    program = pathlib.Path(__file__).parent / "lexical_plot.py"
    done = subprocess.run([str(python), str(program), str(source), str(target)], stdout=sys.stderr)
    if done.returncode:
        raise MeasurementError(f"the plot could not be drawn (exit code {done.returncode}); --no-plot leaves it out")
    console.progress(f"plot: {target}")
