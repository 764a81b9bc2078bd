"""What tools/bench-dense measured, as tables for people and as a plot."""

import pathlib
import subprocess
import sys

from . import console, dense_curves
from .console import count
from .daemon import MeasurementError

GRID = (0.90, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995)
NONE = "–"


def markdown(results):
    """Each size's curves, what they say at the targets, and how they grow from the smallest size to the largest."""
    parts = [part for result in results for part in (curves_table(result), targets_table(result), ratios(result), notes(result), filters_table(result),
                                                   threads(result)) if part]
    if len(results) > 1:
        parts.append(growth_table(results))
    parts.append(f"{results[-1]['machine']}.")
    return "\n\n".join(parts)


def _named(recall):
    return f"{recall:.3f}".rstrip("0").removeprefix("0")


def _time(engine, recall):
    found = dense_curves.at(engine["points"], recall)
    if found is None:
        return NONE
    return ("≤ " if dense_curves.is_below(engine["points"], recall) else "") + f"{found:.0f}"


def curves_table(result):
    rows = [(engine["label"], *(_time(engine, recall) for recall in GRID)) for engine in result["engines"].values()]
    return console.table([f"{count(result['rows'])} rows: µs a query at recall@10", *map(_named, GRID)], rows)


def tail(engine, recall):
    """(p99 in µs, p99 over the mean) of the single calls at a recall; None where the curve does not reach it."""
    points = [{"single_us": p["mean_us"], **p} for p in engine["points"]]
    p99, mean = dense_curves.at(points, recall, "p99_us"), dense_curves.at(points, recall, "single_us")
    return (p99, p99 / mean) if p99 else None


def own_tail(engine, recall):
    """p99 over the mean of the queries' own times, each the median of its calls; None where the curve does not reach the recall or none were measured."""
    if not all("own_p99_us" in point for point in engine["points"]):
        return None
    p99, mean = (dense_curves.at(engine["points"], recall, name) for name in ("own_p99_us", "own_mean_us"))
    return p99 / mean if p99 else None


def _tail_cell(engine, recall):
    found, own = tail(engine, recall), own_tail(engine, recall)
    if not found:
        return NONE
    return f"{found[0]:.0f} / {found[1]:.1f}" + (f" / {own:.1f}" if own else "")


def targets_table(result):
    rows = []
    for engine in result["engines"].values():
        build = engine["build"]
        rows.append((
            engine["label"], *(_tail_cell(engine, recall) for recall in dense_curves.TARGETS), f"{build['cpu_s']:.0f}",
            count(result["rows"] / build["cpu_s"]) if build["cpu_s"] else NONE, f"{build['bytes'] / result['rows']:,.0f}"))
    header = [*(f"p99 in µs / over the mean / of medians, at {_named(recall)}" for recall in dense_curves.TARGETS), "build, CPU s", "rows a CPU s", "bytes a vector"]
    return console.table([f"{count(result['rows'])} rows", *header], rows)


def ratios(result):
    """Tandem's time over SymphonyQG's, and hnswlib's over Tandem's, round by round; for a compact setting also its time over the full one's."""
    parts = []
    for key, engine in result["engines"].items():
        if not key.startswith("tandem"):
            continue
        for peer, turned in (("symphonyqg", True), ("hnswlib", False), ("tandem", True)):
            if peer == key or peer not in result["engines"]:
                continue
            pair = [engine["points"], result["engines"][peer]["points"]]
            found = [(recall, dense_curves.round_ratio(*(reversed(pair) if turned else pair), recall)) for recall in dense_curves.TARGETS]
            told = ", ".join(f"{ratio:.2f} at {_named(recall)}" for recall, ratio in found if ratio)
            names = (engine["label"], result["engines"][peer]["label"])
            if told:
                parts.append(" / ".join(names if turned else reversed(names)) + f": {told}")
    return f"Times, {count(result['rows'])} rows: " + "; ".join(parts) + " (medians over rounds)." if parts else ""


def filters_table(result):
    """Tandem under filters: recall, and time beside that of comparing what passes."""
    found = result.get("more", {}).get("filters")
    if not found:
        return ""
    rows = [(
        f"{one['filter']}, {100 * one['share']:g} % pass", f"{one['recall']:.3f}", f"{one['mean_us']:.0f}", f"{one['flat_us']:.0f}",
        f"{one['mean_us'] / one['flat_us']:.2f}", f"{100 * one['graphs']:.0f} %", f"{100 * one['abandoned']:.0f} %") for one in found["filters"]]
    return console.table(
        [f"Tandem, {count(result['rows'])} rows, effort {found['parameter']:g}", "recall@10", "µs", "µs to compare all that pass", "ratio", "by graph",
         "graph given up"], rows)


def threads(result):
    """Two threads over two processes, as the median of the turns."""
    found = result.get("more", {}).get("threads")
    if not found:
        return ""
    ratios = sorted(turn["threads"] / turn["processes"] for turn in found["turns"])
    most = max(turn["threads"] for turn in found["turns"])
    return (f"Two threads of Tandem answer {ratios[len(ratios) // 2]:.2f} of what two processes do ({ratios[0]:.2f} to {ratios[-1]:.2f} in {len(ratios)} turns), "
            f"up to {count(int(most))} queries a second at effort {found['parameter']:g}.")


def notes(result):
    """What a reader has to know about the figures."""
    parts = [f"{count(result['rows'])} rows ({result['vectors']}), {count(result['queries'])} queries, {result['rounds']} rounds, one thread, warm"]
    for engine in result["engines"].values():
        build = engine["build"]
        told = [engine["settings"]] if engine["settings"] else []
        told += ["BUILT IN AN EARLIER RUN"] if build.get("kept") else []
        told += [f"{name} {size / result['rows']:,.0f}" for name, size in build.get("parts", {}).items()]
        if build.get("call_us"):
            told.append(f"an empty call takes {build['call_us']:.1f} µs")
        if told:
            parts.append(f"{engine['label']}: {', '.join(told)}")
    parts += [f"FAILED: {key}" for key in result["failed"]]
    parts.append(f"CPU that others used: {100 * result['others_share']:.0f} %")
    return ". ".join(parts) + "."


def growth_table(results):
    """Times at equal recall by size, and the growth from the smallest to the largest."""
    first, last, rows = results[0], results[-1], []
    for key, engine in first["engines"].items():
        if not all(key in result["engines"] for result in results):
            continue
        for recall in dense_curves.TARGETS:
            times = [dense_curves.at(result["engines"][key]["points"], recall) for result in results]
            growth = f"{times[-1] / times[0]:.2f} ×" if times[0] and times[-1] else NONE
            rows.append((f"{engine['label']}, {_named(recall)}", *(f"{time:.0f}" if time else NONE for time in times), growth))
    return console.table(
        ["µs at recall@10", *(count(result["rows"]) for result in results), f"for {last['rows'] / first['rows']:.1f} × the rows"], rows)


def plot(python, source, target):
    """Draws the JSON file with the environment's matplotlib."""
    program = pathlib.Path(__file__).parent / "dense_plot.py"
    done = subprocess.run([str(python), str(program), str(source), str(target)], stdout=sys.stderr)
    if done.returncode:
        raise MeasurementError(f"the plot could not be drawn (exit code {done.returncode}); --no-plot leaves it out")
    console.progress(f"plot: {target}")
