"""Known-item collections in many languages, of Debian's translated package descriptions; see tools/make-translated-set.

A function of the lists and the seed alone: what is taken is chosen by SHA-256, so a smaller set is a part of a larger one.
"""

import argparse
import collections
import hashlib
import os
import pathlib
import re
import sys

import package_descriptions

from . import console, environment, report
from .daemon import MeasurementError
from .languages_lists import TranslatedLists, languages_of, translations
from .languages_sets import JudgedSet, write, write_joint

NAME = "debian"
# Raise it when the set changes in any way, so that kept ones are made anew.
RULES = 1
LANGUAGES, QUERIES, SEED = 19, 1000, 1
# Of Japanese and Chinese: their lines are broken within words, so a break is no space there.
DENSE = "\u3000-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
BROKEN = re.compile(f"(?<=[{DENSE}]) (?=[{DENSE}])")


def normal(text):
    """What two texts have in common that differ in white space and case only."""
    return " ".join(text.casefold().split())


def entries(known, english, translated):
    """package -> (short, long) of the descriptions that really are translations: of the package's version at hand, with a long text,
    and in neither part the English one, which is what a translation is where nobody has made it."""
    found = {}
    for name, fields in known.items():
        key = name, fields.get("Description-md5")
        original, description = english.get(key, fields.get("Description", "")), translated.get(key, "")
        short, long = package_descriptions.summary(description), BROKEN.sub("", package_descriptions.long_text(description))
        if long and normal(long) != normal(package_descriptions.long_text(original)):
            same = normal(short) == normal(package_descriptions.summary(original))
            found[name] = "" if same else short, long
    return found


def queries_of(chosen):
    """package -> short description, where neither it nor the long one is another package's, too: else several answer, of which one counts."""
    shorts, longs = (collections.Counter(map(normal, texts)) for texts in zip(*chosen.values()))
    return {name: short for name, (short, long) in chosen.items() if short and shorts[normal(short)] == longs[normal(long)] == 1}


def drawn(names, count, seed):
    """At most `count` of them, in their own order; None: all."""
    def rank(name):
        return hashlib.sha256(f"{seed} {name}".encode()).digest()

    return sorted(sorted(names, key=rank)[:count])


def collection(language, found, documents, queries, seed):
    """(documents, queries, judgements) of a language, ids with the language before the package's name."""
    kept = {name: found[name] for name in drawn(found, documents, seed)}
    asked = queries_of(kept)
    asked = {f"{language}:{name}": asked[name] for name in drawn(asked, queries, seed)}
    return {f"{language}:{name}": long for name, (_, long) in kept.items()}, asked, {name: {name: 1} for name in asked}


def most_translated(lists, count):
    """language -> its entries, of the languages with most of them."""
    known = package_descriptions.packages(lists)
    english = package_descriptions.translations(lists, "en")
    if not english:
        raise MeasurementError(f"{lists}: no *_Translation-en list, and without the English texts nothing tells which were translated")
    found = {language: entries(known, english, translations(lists, language)) for language in languages_of(lists)}
    ordered = sorted(found, key=lambda language: (-len(found[language]), language))[:count]
    if len(ordered) < count:
        raise MeasurementError(f"{lists}: translations into {len(ordered)} languages, expected {count}; take fewer (--languages)")
    return {language: found[language] for language in ordered}


def in_other_variants(parts):
    """(query, document): the same package's description in another variant of the query's language (pt, pt_BR), which answers it, too."""
    for language, (_, queries, _) in parts.items():
        for other in parts.keys() - {language}:
            if other.split("_")[0] == language.split("_")[0]:
                for query in queries:
                    document = f"{other}:{query.partition(':')[2]}"
                    if document in parts[other][0]:
                        yield query, document


def make(folder, lists, languages=LANGUAGES, documents=None, queries=QUERIES, seed=SEED):
    """Writes the set and its manifest, the last file to appear."""
    (folder / "manifest.json").unlink(missing_ok=True)
    parts = {language: collection(language, found, documents, queries, seed) for language, found in most_translated(lists, languages).items()}
    for language, part in parts.items():
        write(folder / language, *part)
        console.progress(f"{language}: {console.count(len(part[0]))} documents, {console.count(len(part[1]))} queries")
    write_joint(folder, parts, in_other_variants(parts))
    counts = {language: {"documents": len(part[0]), "queries": len(part[1])} for language, part in parts.items()}
    report.save_json(folder / "manifest.json", {"rules": RULES, "documents_max": documents, "queries_max": queries, "seed": seed, "languages": counts})
    return opened(folder)


def opened(folder):
    """The set of a folder; None where none is, or one of other rules."""
    manifest = report.read_json(pathlib.Path(folder) / "manifest.json")
    if not manifest or manifest.get("rules") != RULES:
        return None
    return JudgedSet(NAME, pathlib.Path(folder), tuple(manifest["languages"]))


def kept(cache):
    """The set with the default sizes in the cache, made there on first use."""
    folder = cache / "languages/debian"
    if found := opened(folder):
        return found
    console.step("Judged sets of Debian's translated descriptions (once)")
    return make(folder, fetched(cache))


def fetched(cache):
    apt = TranslatedLists(cache / "languages/apt")
    apt.prepare()
    return apt.lists


def cache_folder(given):
    return pathlib.Path(given or os.environ.get("TANDEM_BENCH_DIR") or pathlib.Path(os.environ["TANDEM_ROOT"]) / ".build/bench").absolute()


def arguments(command_line=None):
    parser = argparse.ArgumentParser(
        prog="tools/make-translated-set",
        description="Makes a known-item collection in BEIR layout of each of the languages that most package descriptions of this Debian release are "
        "translated into, and one of all of them (joint). Documents: the long descriptions. Queries: the short ones. Answer: that package. "
        "Only what differs from the English text is taken, and no query that two packages share.",
        epilog="Exit code: 0, 1 when something cannot be had, 2 for a wrong command line. Lists are fetched with apt into the cache, once; the system's are "
        "left alone. The same lists give the same set.")
    parser.add_argument("folder", type=pathlib.Path, help="where the set goes; one that lies there is replaced")
    parser.add_argument("--lists", type=pathlib.Path, metavar="DIR", help="a folder of apt lists, *_Packages and *_Translation-*, not compressed (default: fetched)")
    parser.add_argument("--languages", type=int, default=LANGUAGES, metavar="N", help=f"those with most translations (default: {LANGUAGES})")
    parser.add_argument("--documents", type=int, metavar="N", help="at most so many in a language (default: all)")
    parser.add_argument("--queries", type=int, default=QUERIES, metavar="N", help=f"at most so many in a language (default: {QUERIES})")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"of what is drawn (default: {SEED})")
    parser.add_argument("--cache", type=pathlib.Path, metavar="DIR", help="where the lists lie (default: $TANDEM_BENCH_DIR, else .build/bench)")
    options = parser.parse_args(command_line)
    for name in ("languages", "documents", "queries"):
        if (value := getattr(options, name)) is not None and value < 1:
            parser.error(f"--{name}: expected a number above 0")
    return options


def main():
    options = arguments()
    try:
        lists = options.lists or fetched(cache_folder(options.cache))
        made = make(options.folder, lists, options.languages, options.documents, options.queries, options.seed)
    except package_descriptions.ListError as error:
        raise MeasurementError(str(error)) from None
    console.ok(f"{len(made.languages)} languages in {made.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(environment.run(main))
