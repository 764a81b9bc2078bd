"""What tools/bench-spelling asks of what: package descriptions of a language, and runs of words of their summaries, harmed and unharmed.

A function of the lists and the seed alone.
"""

import dataclasses
import hashlib
import random

import package_descriptions

from . import languages_translated, spelling_words
from .daemon import MeasurementError
from .languages_lists import languages_of, translations
from .spelling_words import Alphabet, is_plain, letters, misspelt, vocabulary

# Words in a query, by the name of the kind; of the last one any number up to the second.
KINDS = {"1": (1, 1), "2": (2, 2), "3+": (3, 5)}
DOCUMENTS_MIN = 2


@dataclasses.dataclass(frozen=True)
class Query:
    package: str
    kind: str
    unharmed: str
    harmed: str
    word: str
    typed: str
    edits: int


@dataclasses.dataclass
class Collection:
    """Documents of a language with their vocabulary, and what is asked of them."""

    language: str
    documents: dict
    known: dict
    queries: list

    @property
    def plain(self):
        """See ``plain``."""
        return plain(self.known)


def plain(known):
    """Words that a correction may be, with the number of their documents: what the peer is given. In order, since it decides ties by that."""
    return {word: known[word] for word in sorted(known) if is_plain(word)}


class Lists:
    """The descriptions of all languages, of apt's lists."""

    def __init__(self, folder):
        self.folder = folder
        self.known = package_descriptions.packages(folder)
        self.english = package_descriptions.translations(folder, "en")
        if not self.english:
            raise MeasurementError(f"{folder}: no *_Translation-en list; remove it, so that it is fetched anew")
        self.languages = ["en", *languages_of(folder)]

    def entries(self, language):
        """package -> (short, long)."""
        if language not in self.languages:
            raise MeasurementError(f"--languages: no descriptions in '{language}'; there are {', '.join(self.languages)}")
        if language != "en":
            return languages_translated.entries(self.known, self.english, translations(self.folder, language))
        found = {}
        for name, fields in self.known.items():
            described = self.english.get((name, fields.get("Description-md5"))) or fields.get("Description", "")
            if long := package_descriptions.long_text(described):
                found[name] = package_descriptions.summary(described), long
        return found


def order(seed, *what):
    """Something to sort by that is chance, and the same everywhere."""
    return hashlib.sha256(" ".join(map(str, [seed, *what])).encode()).digest()


def collection(language, entries, count, seed=1):
    documents = {name: long for name, (_, long) in sorted(entries.items())}
    known = vocabulary(documents.values())
    summaries = languages_translated.queries_of(entries)
    return Collection(language, documents, known, [query for kind in KINDS for query in queries(summaries, known, kind, count, seed)])


def queries(summaries, known, kind, count, seed):
    """At most so many of a kind, each text once, of each package one at most."""
    alphabet, seen, found = Alphabet(word for word in known if is_plain(word)), set(), []
    low, high = KINDS[kind]
    for name in sorted(summaries, key=lambda name: order(seed, kind, name)):
        source = random.Random(order(seed, kind, name))
        fitting = [run for run in runs_of_known(summaries[name], known) if len(run) >= low]
        if not fitting:
            continue
        run = source.choice(fitting)
        size = source.randint(low, min(high, len(run)))
        first = source.randint(0, len(run) - size)
        asked = run[first:first + size]
        place = source.randrange(size)
        made = misspelt(asked[place], alphabet, known, source)
        text = " ".join(asked)
        if made and text not in seen:
            seen.add(text)
            harmed = " ".join([*asked[:place], made[0], *asked[place + 1:]])
            found.append(Query(name, kind, text, harmed, asked[place], *made))
            if len(found) == count:
                break
    return found


def runs_of_known(summary, known):
    """Runs of words that enough documents have."""
    for run in spelling_words.runs(summary):
        part = []
        for word in [*run, None]:
            if word is not None and known.get(word, 0) >= DOCUMENTS_MIN:
                part.append(word)
            elif part:
                yield part
                part = []


def halves(documents, seed=1):
    """The documents in two, by chance."""
    first = {name: text for name, text in documents.items() if order(seed, "half", name)[0] < 128}
    return first, {name: text for name, text in documents.items() if name not in first}


def unheard_of(first, second, count, seed=1):
    """(vocabulary of the first half, words that only documents of the second one have): real words that a collection lacks, at most so many."""
    known, others = vocabulary(first.values()), vocabulary(second.values())
    found = [
        word for word, documents in others.items()
        if documents >= DOCUMENTS_MIN and word not in known and is_plain(word) and len(letters(word)) >= spelling_words.LETTERS_MIN]
    return known, sorted(sorted(found, key=lambda word: order(seed, "word", word))[:count])
