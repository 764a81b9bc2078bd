"""How often "did you mean" means it, language by language; see tools/bench-spelling."""

import argparse
import pathlib
import random
import sys
import time

import package_descriptions

from . import console, environment, languages_translated, machine, report, spelling_peer, spelling_report, spelling_sets, spelling_words, turns
from .daemon import Daemon, MeasurementError, children_cpu_seconds
from .spelling_report import NONE, RIGHT, share, verdict
from .spelling_tandem import COMPARED, Tandem

NAME = "bench-spelling"
PAGE = "docs/spelling.md"
# Latin, Cyrillic and Hangul; Ukrainian for its stems, which are the first five letters.
LANGUAGES = ("en", "de", "fr", "ru", "uk", "ko")
QUERIES = 1000
# Our words are not quite the daemon's: it knows more rules of Unicode.
AGREEMENT_MIN = 0.95


def arguments(command_line=None):
    parser = argparse.ArgumentParser(
        prog="tools/bench-spelling",
        description="Measures corrections of spelling (keywords only, no model) on the package descriptions of this Debian release, each language in a collection of "
        "its own. Queries are runs of one, two and more words of packages' summaries in which one word is misspelt by chance. Counts right, wrong and missing "
        "suggestions, false alarms on queries without a mistake, what is found with and without, and the time that it takes. Beside it symspellpy with the same words and "
        "frequencies.",
        epilog="Exit code: 0, 1 when Tandem is right less often than symspellpy in a language (--below-max), 2 for a wrong command line. TANDEM_BIN names the folder of "
        "tandemd and tandem; without it they are built. apt's lists and symspellpy go into the cache, once; the system's are left alone.")
    parser.add_argument("--languages", default=",".join(LANGUAGES), metavar="LIST", help=f"Debian's codes, with commas between (default: {','.join(LANGUAGES)})")
    parser.add_argument("--queries", type=int, default=QUERIES, metavar="N", help=f"at most so many a language and kind (default: {QUERIES})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of what is drawn (default: 1)")
    parser.add_argument("--lists", type=pathlib.Path, metavar="DIR", help="a folder of apt lists, *_Packages and *_Translation-*, not compressed (default: fetched)")
    parser.add_argument("--below-max", type=float, default=0.0, metavar="X", help="bound: how far the share of right suggestions may be below symspellpy's (default: 0)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write one JSON object into this file")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE}, between their markers")
    parser.add_argument("--cache", metavar="DIR", help="where lists, symspellpy and results lie (default: $TANDEM_BENCH_DIR, else .build/bench)")
    options = parser.parse_args(command_line)
    options.languages = [name.strip() for name in options.languages.split(",") if name.strip()]
    if not options.languages:
        parser.error("--languages: expected at least one")
    if options.queries < 1:
        parser.error("--queries: expected a number above 0")
    if not 0 <= options.below_max <= 1:
        parser.error("--below-max: expected 0 to 1")
    return options


class Measured:
    """Everything of one language."""

    def __init__(self, made, tandem, peer, options):
        self.made, self.tandem, self.peer, self.options = made, tandem, peer, options

    def measure(self):
        made = self.made
        first, second = spelling_sets.halves(made.documents, self.options.seed)
        known, self.new = spelling_sets.unheard_of(first, second, self.options.queries, self.options.seed)
        with self.tandem.collection(f"spelling-{made.language}".lower(), made.documents) as name:
            self.compare_words(name)
            self.asked = self.tandem.ask(name, made.queries)
            harmed, unharmed = [q.harmed for q in made.queries], [q.unharmed for q in made.queries]
            found = self.peer.suggest(made.plain, harmed + unharmed)
            self.by_peer = self.tandem.rankings(name, [text or query.harmed for text, query in zip(found["top"], made.queries)])
        with self.tandem.collection(f"spelling-{made.language}-half".lower(), first) as name:
            new = self.tandem.alarms(name, self.new)
        half = self.peer.suggest(spelling_sets.plain(known), self.new)
        self.suggestions = {"tandem": [asked.suggest.suggestion for asked in self.asked]} | {way: texts[:len(harmed)] for way, texts in found.items()}
        self.alarms = {
            "known": {"tandem": [asked.unharmed_suggest.suggestion for asked in self.asked]} | {way: texts[len(harmed):] for way, texts in found.items()},
            "new": {"tandem": new} | half}
        return self.result()

    def compare_words(self, name):
        # Of the language's own script: `CPU를` is one word, of which the daemon also knows the part `cpu`.
        usual = spelling_words.usual_script(self.made.known)
        words = sorted({word for query in self.made.queries for word in query.unharmed.split(" ") if spelling_words.script(word[0]) == usual})
        drawn = random.Random(self.options.seed).sample(words, min(COMPARED, len(words)))
        self.agreement = self.tandem.agreement(name, self.made.known, drawn)
        if self.agreement < AGREEMENT_MIN:
            raise MeasurementError(
                f"{self.made.language}: of {len(drawn)} words {100 * self.agreement:.0f} % are in as many documents by the daemon as by spelling_words.py, expected "
                f"{100 * AGREEMENT_MIN:.0f} %: the rules for words have changed, or do not fit this language")

    def result(self):
        queries, asked = self.made.queries, self.asked
        packages = [query.package for query in queries]
        verdicts = [verdict(text, query.unharmed) for query, text in zip(queries, self.suggestions["tandem"])]
        times = {
            "off": [a.off.us for a in asked], "suggest": [a.suggest.us for a in asked], "stage": [a.suggest.stages.get("spelling", 0) for a in asked],
            "unharmed": [a.unharmed.us for a in asked], "unharmed_suggest": [a.unharmed_suggest.us for a in asked],
            "unharmed_stage": [a.unharmed_suggest.stages.get("spelling", 0) for a in asked]}
        return {
            "documents": len(self.made.documents), "words": len(self.made.plain), "queries": len(queries), "agreement": self.agreement,
            "quality": spelling_report.quality(queries, self.suggestions),
            "found_by_form": share(value == NONE and a.typed_matches > 0 for value, a in zip(verdicts, asked)),
            "alarms": {
                "known": {name: share(text is not None for text in texts) for name, texts in self.alarms["known"].items()},
                "new": {name: share(text is not None for text in texts) for name, texts in self.alarms["new"].items()}, "new_words": len(self.new)},
            "finding": {
                "harmed": spelling_report.known_item([a.off.ids for a in asked], packages), "retry": spelling_report.known_item([a.retry.ids for a in asked], packages),
                "peer": spelling_report.known_item(self.by_peer, packages), "unharmed": spelling_report.known_item([a.unharmed.ids for a in asked], packages)},
            "time": {way: spelling_report.latency(values) for way, values in times.items()}}

    def by_query(self):
        """Lines with every query and what was made of it, to look at those that went wrong."""
        language = self.made.language
        for number, (query, asked) in enumerate(zip(self.made.queries, self.asked)):
            texts = [values[number] for values in self.suggestions.values()]
            verdicts = [verdict(text, query.unharmed) for text in texts]
            yield [language, f"harmed {query.kind}", query.edits, query.harmed, query.unharmed, asked.typed_matches, *verdicts, *(text or "" for text in texts)]
        for kind, texts in (("known", [query.unharmed for query in self.made.queries]), ("new", self.new)):
            for row in zip(texts, *self.alarms[kind].values()):
                if any(row[1:]):
                    yield [language, kind, 0, row[0], row[0], "", *(NONE if text is None else RIGHT if text == row[0] else "alarm" for text in row[1:]), *(text or "" for text in row[1:])]


COLUMNS = ["language", "kind", "edits", "query", "wanted", "typed_matches", "tandem", "symspell", "compound", "tandem_text", "symspell_text", "compound_text"]


def lists_of(place, options):
    try:
        return spelling_sets.Lists(options.lists or languages_translated.fetched(place.cache))
    except package_descriptions.ListError as error:
        raise MeasurementError(str(error)) from None


def main():
    options = arguments()
    place = environment.Place(options, programs=("tandemd", "tandem"))
    results, lines = {}, ["\t".join(COLUMNS)]
    with turns.alone_in(place.cache / "spelling/run", place.cache / "spelling/run.lock", place.cache / "spelling") as scratch:
        lists = lists_of(place, options)
        entries = {language: lists.entries(language) for language in options.languages}
        peer = spelling_peer.Peer(place.cache, scratch)
        with Daemon(place.binaries, scratch / "data", models="none", log=place.cache / "spelling/tandemd.log") as daemon:
            neighbours = machine.Neighbours(lambda: daemon.cpu_seconds() + time.process_time() + children_cpu_seconds())
            for language in options.languages:
                console.step(f"{language}: {console.count(len(entries[language]))} documents")
                made = spelling_sets.collection(language, entries[language], options.queries, options.seed)
                if not made.queries:
                    raise MeasurementError(f"{language}: no summary has a word to misspell; its script has no letters that a search corrects")
                measured = Measured(made, Tandem(daemon, scratch), peer, options)
                results[language] = measured.measure()
                lines += ["\t".join(map(str, row)) for row in measured.by_query()]
                right = {name: f"{100 * found[RIGHT]:.1f} %" for name, found in results[language]["quality"].items()}
                console.progress(f"{language}: {console.count(len(made.queries))} queries, right: " + ", ".join(f"{name} {value}" for name, value in right.items()))
            load = machine.load_note(neighbours.share())
    publish({"peer": ", ".join(spelling_peer.PACKAGES), "queries": options.queries, "seed": options.seed, "languages": results}, lines, load, place, options)
    return 0 if spelling_report.check(results, options.below_max) else 1


def publish(result, lines, load, place, options):
    described = machine.describe(place.root)
    whole = {"machine": described, "load": load} | result
    report.save_json(place.cache / f"{NAME}.json", whole)
    report.replace_file(place.cache / f"{NAME}.tsv", "\n".join(lines) + "\n")
    if options.json:
        report.save_json(options.json, whole)
    body = spelling_report.markdown(result, described, load)
    print(body, flush=True)
    console.progress(f"kept as {place.cache / NAME}.json; every query in {place.cache / NAME}.tsv")
    if options.write and tuple(options.languages) != LANGUAGES:
        console.warn("a part of the languages is not written into the page")
    elif options.write:
        report.publish(place.root / PAGE, NAME, body)


if __name__ == "__main__":
    sys.exit(environment.run(main))
