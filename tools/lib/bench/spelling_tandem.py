"""Tandem's side of tools/bench-spelling: collections without a model, and every query in every way."""

import contextlib
import dataclasses

from . import console, report
from .languages_sets import CORPUS, lines
from .spelling_wire import OFF, RETRY, SUGGEST, Client

# Words whose number of documents is compared with the daemon's.
COMPARED = 200


@dataclasses.dataclass
class Asked:
    """What came of a query: of the harmed text without and with a suggestion, and searched with it, and of the unharmed one."""

    off: object
    suggest: object
    retry: object
    unharmed: object
    unharmed_suggest: object
    # Documents with the misspelt word alone: forms of other words that it has in common with them.
    typed_matches: int


class Tandem:
    def __init__(self, daemon, scratch):
        self.daemon, self.scratch = daemon, scratch

    @contextlib.contextmanager
    def collection(self, name, documents):
        """A collection of these texts, in one segment, for as long as it is measured."""
        corpus = self.scratch / CORPUS
        report.replace_file(corpus, lines({"_id": name, "title": "", "text": text} for name, text in documents.items()))
        self.daemon.tandem("collection", "create", name, "--model", "none")
        self.daemon.tandem("import", name, corpus, "--no-resume", "--wait", "searchable")
        self.daemon.tandem("collection", "merge", name)
        self.daemon.wait_applied(name)
        self.daemon.wait_idle(share=0.2, timeout=60)
        yield name
        self.daemon.tandem("collection", "drop", name, "--yes")

    def ask(self, name, queries):
        found, ticker = [], console.Ticker("asked", len(queries))
        with Client(self.daemon.address) as client:
            for query in queries[:100]:
                client.search(name, query.unharmed, OFF)
            for number, query in enumerate(queries):
                found.append(ask(client, name, query, number))
                ticker.at(number)
        return found

    def rankings(self, name, texts):
        """Ids of the best documents for each text as it is."""
        with Client(self.daemon.address) as client:
            return [client.search(name, text, OFF).ids for text in texts]

    def alarms(self, name, texts):
        """Suggestion for each text, None where there is none."""
        with Client(self.daemon.address) as client:
            return [client.search(name, text, SUGGEST).suggestion for text in texts]

    def agreement(self, name, known, words):
        """Share of these words that as many documents have by the daemon as by our own vocabulary."""
        with Client(self.daemon.address) as client:
            same = sum(client.search(name, f'"{word}"', OFF, strict=True, counts=True).matched == known[word] for word in words)
        return same / max(len(words), 1)


def ask(client, name, query, number):
    """Every second query is asked with the ways in the other order: the second search of a word finds its postings warm."""
    ways = [
        ("off", query.harmed, OFF), ("suggest", query.harmed, SUGGEST), ("retry", query.harmed, RETRY), ("unharmed", query.unharmed, OFF),
        ("unharmed_suggest", query.unharmed, SUGGEST)]
    answers = {way: client.search(name, text, spelling) for way, text, spelling in (reversed(ways) if number % 2 else ways)}
    return Asked(typed_matches=client.search(name, query.typed, OFF, limit=1).matched, **answers)
