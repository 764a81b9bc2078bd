"""What a default keyword query costs, beside one of surface forms alone; see tools/bench-queries."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

from . import console, environment, machine, report, turns
from .daemon import MeasurementError

NAME = "bench-queries"
PAGE = "docs/analysis.md"
COLLECTIONS = ("xquad", "scifact", "tldr_en")
HEADER = ["", "documents", "queries", "surface alone, mean / p99 in µs", "default, mean / p99 in µs", "default / surface", "analysis, default", "analysis, surface"]


def arguments(command_line=None):
    parser = argparse.ArgumentParser(
        prog="tools/bench-queries",
        description="Times keyword queries through the engine, on one thread and by its processor time, in a collection with every default form and in one of surface "
        "forms alone, query by query in turns; a query's best pass counts. No stored field is fetched.",
        epilog="Exit code: 0, 1 when the ratio is above --ratio-max or something cannot be had, 2 for a wrong command line. TANDEM_BIN names the folder of bench-queries; "
        "without it everything is built. TANDEM_DATA: the test collections.")
    parser.add_argument("--collections", metavar="LIST", default=",".join(COLLECTIONS), help=f"with commas between (default: {','.join(COLLECTIONS)})")
    parser.add_argument("--passes", type=int, default=5, metavar="N", help="passes over the queries (default: 5)")
    parser.add_argument("--ratio-max", type=float, default=2.0, metavar="X", help="bound: default over surface, by the mean (default: 2)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE}, between its markers")
    parser.add_argument("--cache", metavar="DIR", help="where results lie (default: $TANDEM_BENCH_DIR, else .build/bench)")
    options = parser.parse_args(command_line)
    options.collections = [name for name in options.collections.split(",") if name]
    if options.passes < 1 or not options.collections:
        parser.error("--passes, --collections: expected at least one")
    return options


def measured(words):
    run = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True)
    if run.returncode:
        raise MeasurementError(f"{words[0]} ended with {run.returncode}")
    return json.loads(run.stdout)


def row(name, entry):
    surface, default = entry["costs"]["surface"], entry["costs"]["default"]
    return [
        name, console.count(entry["documents"]), console.count(entry["queries"]), f"{surface['mean']:.0f} / {surface['p99']:.0f}",
        f"{default['mean']:.0f} / {default['p99']:.0f}", f"{entry['ratio']:.2f}", f"{default['stages']['analyze']:.0f}", f"{surface['stages']['analyze']:.0f}"]


def growth(name, entry):
    """Index bytes by language; None where the documents name none."""
    languages = sorted(entry.get("indexBytes", {}))
    if not languages:
        return None
    sizes = [entry["indexBytes"][language] for language in languages]
    rows = [
        ["surface alone", *(console.size(size["surface"]) for size in sizes)],
        ["default", *(console.size(size["default"]) for size in sizes)],
        ["growth", *(f"{size['default'] / size['surface']:.2f} x" for size in sizes)]]
    return f"Index bytes of {name}'s documents (terms, postings, positions, attributes), each language in a segment of its own:\n\n" + console.table(["", *languages], rows)


def markdown(result):
    table = console.table(HEADER, [row(name, entry) for name, entry in result["collections"].items()])
    parts = [table, *filter(None, (growth(name, entry) for name, entry in result["collections"].items()))]
    table = "\n\n".join(parts)
    return f"{table}\n\n{result['machine']}; {machine.load_note(result['others_share'])}."


def check(result, ratio_max):
    """Says of each collection whether it keeps the bound."""
    good = True
    for name, entry in result["collections"].items():
        holds = entry["ratio"] <= ratio_max
        (console.ok if holds else console.failure)(f"{name}: a default query costs {entry['ratio']:.2f} times its surface forms alone, at most {ratio_max:g}")
        good = good and holds
    return good


def main():
    options = arguments()
    place = environment.Place(options, programs=[NAME])
    result = {"collections": {}}
    with turns.alone(place.cache / "queries.lock", place.cache):
        neighbours = machine.Neighbours(lambda: sum(os.times()[:4]))
        for name in options.collections:
            console.step(f"Keyword queries of {name}")
            result["collections"][name] = measured([place.binaries / NAME, place.test_data(name), "--passes", options.passes])
        result |= {"machine": machine.describe(place.root), "others_share": neighbours.share()}
    body = markdown(result)
    report.save_json(place.cache / f"{NAME}.json", result)
    if options.json:
        report.save_json(options.json, result)
    print(body, flush=True)
    if options.write:
        report.publish(place.root / PAGE, NAME, body)
    return 0 if check(result, options.ratio_max) else 1


if __name__ == "__main__":
    sys.exit(environment.run(main))
