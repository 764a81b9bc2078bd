"""Draws what tools/bench-dense measured: `dense_plot.py RESULT.json PICTURE.svg`. Runs in the environment that has matplotlib.

Recall@10 over the time of a query, one picture for each size; every point is a parameter. The scale of recall is that of what is missed.
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
# The same figures give the same file.
matplotlib.rcParams.update({"svg.hashsalt": "tandem", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
from matplotlib import pyplot, ticker  # noqa: E402

COLOURS = {"tandem": "#0b6e4f", "tandem-compact": "#e8998d", "hnswlib": "#d1793b", "symphonyqg": "#5b7db1", "faiss": "#8c6bb1"}
RECALLS = (0.85, 0.90, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)


def draw(axes, result):
    for key, engine in result["engines"].items():
        points = sorted((point["cpu_us"], min(point["recall"], 0.9999)) for point in engine["points"])
        axes.plot(*zip(*points), marker="o", markersize=3, color=COLOURS[key], label=engine["label"], linewidth=2 if key == "tandem" else 1.2)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:,g}"))
    axes.xaxis.set_minor_formatter(ticker.NullFormatter())
    axes.set_yscale("logit", one_half="")
    axes.set_ylim(0.85, 0.9993)
    axes.set_yticks(RECALLS, [f"{recall:g}" for recall in RECALLS])
    axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_xlabel("µs of CPU a query")
    axes.set_ylabel("recall@10")
    axes.set_title(f"{result['rows']:,} rows", loc="left")


def main(source, target):
    with open(source, encoding="utf-8") as file:
        results = [result for result in json.load(file)["runs"] if result["engines"]]
    figure, all_axes = pyplot.subplots(1, len(results), figsize=(1 + 5.5 * len(results), 4.8), layout="constrained", squeeze=False)
    for axes, result in zip(all_axes[0], results):
        draw(axes, result)
    all_axes[0][0].legend(frameon=False, fontsize=8)
    figure.text(0, -0.02, f"{results[-1]['vectors']}.\n{results[-1]['machine']}", fontsize=6.5, color="#555555", va="top")
    figure.savefig(target, metadata={"Date": None}, bbox_inches="tight")


if __name__ == "__main__":
    main(*sys.argv[1:])
