"""Draws what tools/bench-lexical measured: `lexical_plot.py RESULT.json PICTURE.svg`. Runs in the environment that has matplotlib.

Bars: mean time of a query by set and engine, on a logarithmic scale, with a mark at the 99th percentile. Lines: the same over the size of the
collection, where several were measured.
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
# The same figures give the same file.
matplotlib.rcParams.update({"svg.hashsalt": "tandem", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
from matplotlib import patches, pyplot, ticker  # noqa: E402

COLOURS = {"tandem": "#0b6e4f", "lucene": "#d1793b", "tantivy": "#5b7db1"}
TITLES = {"nat": "natural"}


def logarithmic(axis):
    """Plain numbers at the ticks, three of them to a decade."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(ticker.StrMethodFormatter("{x:,g}"))
    axis.set_minor_formatter(ticker.NullFormatter())


def bars(axes, result, k):
    """A group of bars for each set; those that are no bar to be measured against are pale."""
    engines, width = list(result["engines"].items()), 0.8 / len(result["engines"])
    for number, (key, engine) in enumerate(engines):
        for place, name in enumerate(result["sets"]):
            found = engine["times"][str(k)].get(name)
            if not found:
                continue
            x = place + (number - (len(engines) - 1) / 2) * width
            pale = key != "tandem" and name not in engine["bar"]
            axes.bar(x, found["mean"], width * 0.92, color=COLOURS[key], alpha=0.35 if pale else 1, label=engine["label"] if place == 0 or pale else None)
            axes.plot([x - width * 0.4, x + width * 0.4], [found["p99"]] * 2, color=COLOURS[key], linewidth=1.5)
            axes.annotate(f"{found['mean']:.0f}", (x, found["mean"]), ha="center", va="bottom", fontsize=6.5)
    logarithmic(axes.yaxis)
    axes.set_xticks(range(len(result["sets"])), [TITLES.get(name, name) for name in result["sets"]])
    axes.set_ylabel("µs a query: mean, and mark at p99")
    axes.set_title(f"top {k}, {result['documents']:,} documents", loc="left")


def legend(axes, result):
    handles = [patches.Patch(color=COLOURS[key], label=engine["label"]) for key, engine in result["engines"].items()]
    if any(set(result["sets"]) - set(engine["bar"]) for engine in result["engines"].values()):
        handles.append(patches.Patch(color="#888888", alpha=0.35, label="pale: exhaustive in its binding"))
    axes.legend(handles=handles, frameon=False, ncols=len(handles), loc="lower left", bbox_to_anchor=(0, 1.08), fontsize=8)


def curve(axes, results, name):
    """Mean time of one set over the size of the collection."""
    results = sorted(results, key=lambda result: result["documents"])
    for key, engine in results[0]["engines"].items():
        points = [(result["documents"], result["engines"][key]["times"]["10"][name]["mean"]) for result in results if name in result["engines"][key]["times"]["10"]]
        if points:
            axes.plot(*zip(*points), marker="o", markersize=3, color=COLOURS[key], linestyle="-" if key == "tandem" or name in engine["bar"] else ":")
    logarithmic(axes.yaxis)
    logarithmic(axes.xaxis)
    sizes = [result["documents"] for result in results]
    axes.set_xticks(sizes, [f"{size / 1e6:g} M" for size in sizes])
    axes.set_xticks([], minor=True)
    axes.set_title(TITLES.get(name, name), loc="left", fontsize=9)


def main(source, target):
    with open(source, encoding="utf-8") as file:
        results = json.load(file)["runs"]
    first = results[0]
    if len(results) > 1:
        figure = pyplot.figure(figsize=(11, 11), layout="constrained")
        grid = figure.add_gridspec(4, 3, height_ratios=[1.3, 1.3, 1, 1])
        for number, name in enumerate(first["sets"]):
            axes = figure.add_subplot(grid[2 + number // 3, number % 3])
            curve(axes, results, name)
            axes.set_xlabel("documents")
            axes.set_ylabel("µs a query, top 10")
        pair = [figure.add_subplot(grid[row, :]) for row in (0, 1)]
    else:
        figure, pair = pyplot.subplots(2, 1, figsize=(11, 6.5), layout="constrained")
    for axes, k in zip(pair, (10, 100)):
        bars(axes, first, k)
    legend(pair[0], first)
    figure.text(0, -0.02, f"{first['workload']}.\n{first['machine']}", fontsize=6.5, color="#555555", va="top")
    figure.savefig(target, metadata={"Date": None}, bbox_inches="tight")


if __name__ == "__main__":
    main(*sys.argv[1:])
