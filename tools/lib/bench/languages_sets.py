"""Judged sets of several languages: a folder in BEIR layout for each, and `joint`, all of them in one.

    SET/LANGUAGE/corpus.jsonl, queries.jsonl, qrels.tsv
    SET/joint/…

No document and no query says its language: a daemon that is to find out is told nothing. Ids begin with the language, so that they are
other ones in every language: `de:apt`.
"""

import dataclasses
import hashlib
import json
import pathlib

from . import report
from .daemon import MeasurementError
from .dense_reference import read_judgements, read_lines

FILES = CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels.tsv"
JOINT = "joint"
HEADER = "query-id\tcorpus-id\tscore\n"


@dataclasses.dataclass(frozen=True)
class JudgedSet:
    name: str
    folder: pathlib.Path
    languages: tuple

    def part(self, name):
        """Folder of a language, or of all of them."""
        return self.folder / name

    def digest(self):
        """Of every language's files, so that results of other texts are told apart."""
        digest = hashlib.sha256()
        for language in self.languages:
            for file in FILES:
                digest.update(hashlib.sha256((self.part(language) / file).read_bytes()).digest())
        return digest.hexdigest()


def language_of(identifier):
    return identifier.split(":", 1)[0]


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


def write(folder, documents, queries, judgements):
    """`documents`, `queries`: id to text; `judgements`: query to document to relevance."""
    report.replace_file(folder / CORPUS, lines({"_id": name, "title": "", "text": text} for name, text in documents.items()))
    report.replace_file(folder / QUERIES, lines({"_id": name, "text": text} for name, text in queries.items()))
    judged = (f"{query}\t{document}\t{relevance}\n" for query, answers in judgements.items() for document, relevance in answers.items())
    report.replace_file(folder / QRELS, HEADER + "".join(judged))


def write_joint(folder, languages, also=()):
    """All languages' files, one after the other. `also`: (query, document) that are answers only where all languages are together."""
    for file in FILES:
        parts = [(folder / language / file).read_text(encoding="utf-8") for language in languages]
        if file == QRELS:
            parts = [HEADER, *(part.removeprefix(HEADER) for part in parts), *(f"{query}\t{document}\t1\n" for query, document in also)]
        report.replace_file(folder / JOINT / file, "".join(parts))


def split(name, source, target):
    """The set of a collection whose documents and queries name their language (`lang`) and whose answers are in the query's own."""
    documents, queries = read_lines(source / CORPUS), read_lines(source / QUERIES)
    judgements = read_judgements(source / QRELS)
    languages = tuple(sorted({document["lang"] for document in documents if document.get("lang")}))
    if not languages:
        raise MeasurementError(f"{source / CORPUS}: no document names its language ('lang'), so there is nothing to divide by")
    for language in languages:
        own = {d["_id"]: " ".join(filter(None, [d.get("title"), d["text"]])) for d in documents if d.get("lang") == language}
        asked = {q["_id"]: q["text"] for q in queries if q.get("lang") == language and q["_id"] in judgements}
        if strange := {d for q in asked for d in judgements[q]} - own.keys():
            raise MeasurementError(f"{source / QRELS}: {min(strange)} answers a query in '{language}' and is no document in that language")
        write(target / language, own, asked, {query: judgements[query] for query in asked})
    write_joint(target, languages)
    return JudgedSet(name, target, languages)
