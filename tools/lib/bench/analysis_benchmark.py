"""What analysis costs, language by language, and whether its fast path gives ICU's terms; see tools/bench-analysis."""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys

from . import analysis_report, console, environment, machine, report, turns
from .daemon import MeasurementError

NAME = "bench-analysis"
PAGE = "docs/analysis.md"
# Whose texts are cut up for the comparison, besides those that are timed.
ALSO = ("scifact", "tldr_en")


def arguments(command_line=None):
    parser = argparse.ArgumentParser(
        prog="tools/bench-analysis",
        description="Times the analysis of xquad's paragraphs in each of its twelve languages, on one thread and by processor time: surface forms alone, and every "
        "default form; paragraphs as they are, and joined to texts of 64 KiB. Counts allocations. Then analyses random and real texts through the fast path "
        "and through ICU alone, and compares every token.",
        epilog="Exit code: 0, 1 when two analyses differ or something cannot be had, 2 for a wrong command line. TANDEM_BIN names the folder of bench-analysis; "
        "without it everything is built. TANDEM_DATA: the test collections.")
    parser.add_argument("--xquad", type=pathlib.Path, metavar="DIR", help="a collection in BEIR layout, documents with 'lang' (default: xquad in TANDEM_DATA, else beside the checkout)")
    parser.add_argument("--passes", type=int, default=40, metavar="N", help="passes over a language's texts in each round, of which the best counts; 0: no times (default: 40)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds over all languages, of which the best counts, too (default: 5)")
    parser.add_argument("--agreement", type=int, default=1_000_000, metavar="N", help="texts to compare, half of them cut from real ones; 0: none (default: 1000000)")
    parser.add_argument("--seed", type=int, metavar="N", help="repeats the texts of a run that printed this seed")
    parser.add_argument("--languages", metavar="LIST", help="time only these, with commas between (default: all)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE}, between its markers")
    parser.add_argument("--cache", metavar="DIR", help="where results lie (default: $TANDEM_BENCH_DIR, else .build/bench)")
    options = parser.parse_args(command_line)
    if options.passes < 0 or options.agreement < 0:
        parser.error("--passes, --agreement: expected numbers of at least 0")
    if options.rounds < 1:
        parser.error("--rounds: expected a number of at least 1")
    if not options.passes and not options.agreement:
        parser.error("--passes 0 --agreement 0: nothing is left to do")
    if options.seed is None:
        options.seed = random.randrange(1_000_000_000)
    return options


def collection(place, options):
    """Folder of the texts that are timed."""
    folder = options.xquad or place.test_data("xquad")
    if not (folder / "corpus.jsonl").exists():
        raise MeasurementError(f"--xquad {folder}: no corpus.jsonl there")
    return folder


def others(place):
    """Folders of the further collections that are there."""
    for name in ALSO:
        try:
            yield place.test_data(name)
        except MeasurementError:
            console.progress(f"no collection '{name}': its texts are not compared")


def command(place, options, source, also):
    words = [place.binaries / NAME, source, "--passes", options.passes, "--rounds", options.rounds, "--agreement", options.agreement, "--seed", options.seed]
    if options.languages:
        words += ["--languages", options.languages]
    for folder in also if options.agreement else ():
        words += ["--also", folder]
    return [str(word) for word in words]


def measured(words):
    """What the program says; it ends with 1 where two analyses differ, which is in its figures."""
    run = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    try:
        return json.loads(run.stdout)
    except ValueError:
        raise MeasurementError(f"{words[0]} ended with {run.returncode} and without figures") from None


def main():
    options = arguments()
    place = environment.Place(options, programs=[NAME])
    source = collection(place, options)
    with turns.alone(place.cache / "analysis.lock", place.cache):
        console.step(f"Analysis, texts of {source.name}")
        neighbours = machine.Neighbours(lambda: sum(os.times()[:4]))
        result = measured(command(place, options, source, others(place)))
        result |= {"machine": machine.describe(place.root), "others_share": neighbours.share()}
    body = analysis_report.markdown(result)
    report.save_json(place.cache / f"{NAME}.json", result)
    if options.json:
        report.save_json(options.json, result)
    print(body, flush=True)
    console.progress(f"kept as {place.cache / NAME}.json")
    if options.write and (options.languages or not options.passes or not options.agreement):
        console.warn("a part of the figures is not written into the page")
    elif options.write:
        report.publish(place.root / PAGE, NAME, body)
    return 0 if analysis_report.check(result) else 1


if __name__ == "__main__":
    sys.exit(environment.run(main))
