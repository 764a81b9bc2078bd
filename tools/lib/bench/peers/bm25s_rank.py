"""bm25s's side of tools/bench-languages: `bm25s_rank.py SET PLAN OUTPUT`. Runs in the environment that has bm25s and PyStemmer.

SET is a folder of languages in BEIR layout; PLAN a JSON object: run -> language -> treatment (see peer_words). A run searches its languages'
documents together; a language's documents and queries are treated alike. OUTPUT is to be a JSON object: run -> query -> the ids of its best
ten documents.
"""

import json
import pathlib
import sys

import bm25s
import numpy
import Stemmer
from peer_words import treatment

# Tandem's defaults, which are Lucene's.
K1, B, METHOD = 1.2, 0.75, "lucene"
BEST = 10


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def stemmer(language):
    return Stemmer.Stemmer(language).stemWord


def best(scores):
    """Positions of the best documents that match at all; of equal ones those that stand first."""
    found = numpy.flatnonzero(scores > 0)
    if len(found) > BEST:
        least = numpy.partition(scores[found], -BEST)[-BEST]
        found = found[scores[found] >= least]
    return found[numpy.argsort(-scores[found], kind="stable")][:BEST]


def run(folder, parts):
    treat = {name: treatment(name, stemmer) for name in set(parts.values())}
    # In the order of ids, as Tandem orders equal scores.
    documents = sorted((d["_id"], d["text"], language) for language in parts for d in read(folder / language / "corpus.jsonl"))
    vocabulary = {}
    terms = [[vocabulary.setdefault(term, len(vocabulary)) for term in treat[parts[language]](text)] for _, text, language in documents]
    index = bm25s.BM25(k1=K1, b=B, method=METHOD)
    index.index((terms, vocabulary), show_progress=False)
    answers = {}
    for language in parts:
        for query in read(folder / language / "queries.jsonl"):
            wanted = [vocabulary[term] for term in treat[parts[language]](query["text"]) if term in vocabulary]
            answers[query["_id"]] = [documents[i][0] for i in best(index.get_scores(wanted))] if wanted else []
    return answers


def main(folder, plan, output):
    folder, plan = pathlib.Path(folder), json.loads(pathlib.Path(plan).read_text(encoding="utf-8"))
    answers = {}
    for number, (name, parts) in enumerate(plan.items(), 1):
        print(f"    bm25s, {number} of {len(plan)}: {name}", file=sys.stderr, flush=True)
        answers[name] = run(folder, parts)
    pathlib.Path(output).write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
