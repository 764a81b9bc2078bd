"""Keyword search language by language, nobody saying which; see tools/bench-languages."""

import argparse
import json
import pathlib
import sys

import package_descriptions

from . import console, environment, languages_peer, languages_report, languages_sets, languages_translated, machine, report, turns
from .daemon import Daemon, MeasurementError
from .dense_reference import read_lines
from .languages_report import SETTINGS
from .languages_sets import JOINT, QUERIES, language_of
from .languages_tandem import Tandem

NAME = "bench-languages"
PAGE = "docs/languages.md"
SETS = ("xquad", "debian")


def arguments(command_line=None):
    parser = argparse.ArgumentParser(
        prog="tools/bench-languages",
        description="Measures nDCG@10 of keyword search (no model) in many languages, where neither documents nor queries say which language they are in: every "
        "language in a collection of its own, then all of them in one. Beside it bm25s, which is told the language and given the simple treatment that "
        "suits it best. Two sets: xquad (12 languages, questions about paragraphs), and debian (19 languages, package descriptions by their summaries), which "
        "is made here of apt's lists. Says for every language whether the two differ on the same queries (a randomization test).",
        epilog="Exit code: 0, 1 when a language is below bm25s (--below-max), 2 for a wrong command line. TANDEM_BIN names the folder of tandemd and tandem; "
        "without it they are built. TANDEM_DATA: the test collections. bm25s goes into a virtual environment in the cache, once; what it finds is kept there.")
    parser.add_argument("--sets", default=",".join(SETS), metavar="LIST", help="which, with commas between (default: xquad,debian)")
    parser.add_argument("--settings", default=",".join(SETTINGS), metavar="LIST", help="alone, joint or both (default: both)")
    parser.add_argument("--languages", metavar="LIST", help="measure only these; the joint collection holds all the same (default: all)")
    parser.add_argument("--xquad", type=pathlib.Path, metavar="DIR", help="xquad in BEIR layout, documents and queries with 'lang' (default: in TANDEM_DATA, else beside the checkout)")
    parser.add_argument("--debian", type=pathlib.Path, metavar="DIR", help="a set by tools/make-translated-set (default: made in the cache)")
    parser.add_argument("--below-max", type=float, default=0.0, metavar="X", help="bound: how far a language's nDCG@10 may be below bm25s's (default: 0)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the tables")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE}, each between markers of its own")
    parser.add_argument("--cache", metavar="DIR", help="where sets, bm25s and results lie (default: $TANDEM_BENCH_DIR, else .build/bench)")
    options = parser.parse_args(command_line)
    options.sets, options.settings = (
        chosen(parser, name, getattr(options, name), known) for name, known in (("sets", SETS), ("settings", SETTINGS)))
    options.languages = options.languages and [name.strip() for name in options.languages.split(",")]
    if not 0 <= options.below_max <= 1:
        parser.error("--below-max: expected 0 to 1")
    return options


def chosen(parser, option, text, known):
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            parser.error(f"--{option} '{name}': expected {', '.join(known)}")
    return [name for name in known if name in names]


def opened(name, place, options):
    """The judged set of this name."""
    if name == "xquad":
        source = options.xquad or place.test_data("xquad")
        if not (source / languages_sets.CORPUS).exists():
            raise MeasurementError(f"--xquad {source}: no {languages_sets.CORPUS} there")
        return languages_sets.split(name, source, place.cache / "languages/xquad")
    if not options.debian:
        try:
            return languages_translated.kept(place.cache)
        except package_descriptions.ListError as error:
            raise MeasurementError(str(error)) from None
    if found := languages_translated.opened(options.debian):
        return found
    raise MeasurementError(f"--debian {options.debian}: no set of this version's rules; make it with tools/make-translated-set")


class Measured:
    """Every query's nDCG@10 of one set, by engine and setting."""

    def __init__(self, judged, languages, settings):
        self.judged, self.languages, self.settings = judged, languages, settings
        self.states, self.tandem, self.peer, self.treatments = {}, {}, {}, {}

    def search(self, tandem):
        console.step(f"Tandem, {self.judged.name}: {len(self.languages)} languages")
        for language in self.languages:
            self.states[language], found = tandem.part(self.judged, language)
            self.tandem.setdefault("alone", {}).update(found)
            console.progress(f"{language}: nDCG@10 {languages_peer.mean(found.values()):.4f}")
        if "joint" in self.settings:
            queries = [query for language in self.languages for query in read_lines(self.judged.part(language) / QUERIES)]
            self.states[JOINT], self.tandem["joint"] = tandem.part(self.judged, JOINT, queries)
            console.progress(f"all in one: nDCG@10 {languages_peer.mean(self.tandem['joint'].values()):.4f}")

    def search_peer(self, peer):
        console.step(f"bm25s, {self.judged.name}")
        tried = peer.alone(self.judged)
        best = languages_peer.best(tried)
        for language in self.judged.languages:
            means = {name: languages_peer.mean(values.values()) for name, values in tried[language].items()}
            self.treatments[language] = {"treatment": best[language], "tried": means}
            self.peer.setdefault("alone", {}).update(tried[language][best[language]])
        if "joint" in self.settings:
            self.peer |= peer.joint(self.judged, best)

    def of(self, values, language):
        return {query: value for query, value in values.items() if language_of(query) == language}

    def entry(self, language):
        state = self.states[language]
        ours = self.of(self.tandem["alone"], language)
        found = {"documents": state["documents"], "queries": len(ours), "index_bytes": state["index_bytes"]}
        if "alone" in self.settings:
            found["alone"] = languages_report.compare(ours, self.peer["alone"]) | self.treatments[language]
        if "joint" in self.settings:
            found["joint"] = self.joint(language)
        return found

    def joint(self, language):
        """Beside the better of the peer's two ways."""
        theirs = {name: self.of(self.peer[name], language) for name in ("untold", "told")}
        means = {name: languages_peer.mean(values.values()) for name, values in theirs.items()}
        return languages_report.compare(self.of(self.tandem["joint"], language), theirs[max(means, key=means.get)]) | means

    def result(self):
        joint = {key: self.states[JOINT][key] for key in ("documents", "index_bytes")} if JOINT in self.states else None
        return {"peer": ", ".join(languages_peer.PACKAGES), "languages": {language: self.entry(language) for language in self.languages}, "joint": joint}

    def by_query(self):
        """Lines of every query's values, to look at those that were lost."""
        columns = {"alone": self.tandem["alone"], "bm25s": self.peer["alone"]}
        if "joint" in self.settings:
            columns |= {"joint": self.tandem["joint"], "bm25s_untold": self.peer["untold"], "bm25s_told": self.peer["told"]}
        yield "\t".join(["query", *columns])
        for query in self.tandem["alone"]:
            yield "\t".join([query, *(f"{values[query]:.4f}" for values in columns.values())])


def measure(judged, place, scratch, options):
    if unknown := set(options.languages or []) - set(judged.languages):
        console.warn(f"{judged.name} has no {', '.join(sorted(unknown))}")
    languages = [language for language in judged.languages if language in (options.languages or judged.languages)]
    if not languages:
        return None
    measured = Measured(judged, languages, options.settings)
    measured.search_peer(languages_peer.Peer(place.cache))
    with Daemon(place.binaries, scratch / judged.name, models="none", log=place.cache / f"languages/{judged.name}.log") as daemon:
        measured.search(Tandem(daemon, scratch))
    report.replace_file(place.cache / f"{languages_report.block(judged.name)}.tsv", "".join(line + "\n" for line in measured.by_query()))
    return measured.result()


def publish(results, place, options):
    """The tables, printed and kept; with --write in the page, each between markers of its own."""
    described = machine.describe(place.root)
    bodies = {name: languages_report.markdown(name, result, described) for name, result in results.items()}
    report.save_json(place.cache / f"{NAME}.json", {"machine": described, "sets": results})
    print(json.dumps({"machine": described, "sets": results}, indent=2, ensure_ascii=False) if options.json else "\n\n".join(bodies.values()), flush=True)
    console.progress(f"kept as {place.cache / NAME}.json; every query's values in {place.cache / NAME}-SET.tsv")
    if options.write and (options.languages or len(options.settings) < len(SETTINGS)):
        console.warn("a part of the languages or settings is not written into the page")
    elif options.write:
        for name, body in bodies.items():
            report.publish(place.root / PAGE, languages_report.block(name), body)


def main():
    options = arguments()
    place = environment.Place(options, programs=("tandemd", "tandem"))
    results = {}
    with turns.alone_in(place.cache / "languages/run", place.cache / "languages/run.lock", place.cache / "languages") as scratch:
        for name in options.sets:
            if result := measure(opened(name, place, options), place, scratch, options):
                results[name] = result
    if not results:
        environment.usage(f"--languages: none of {', '.join(options.languages)} is in {' or '.join(options.sets)}")
    publish(results, place, options)
    good = [languages_report.check(name, result, options.below_max) for name, result in results.items()]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(environment.run(main))
