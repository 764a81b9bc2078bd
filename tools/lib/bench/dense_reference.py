"""nDCG@10 of a dense search by sentence-transformers: the reference that the semantic leg is compared with.

Run by tools/eval-collections with an interpreter that has sentence-transformers and numpy:

    PY -m bench.dense_reference --model FOLDER --data FOLDER [--cache FILE.npz]

Texts as Tandem embeds them: title, a space, text, cut at 256 tokens. Search is a brute-force cosine in float32. Prints one JSON object.
"""

import argparse
import json
import math
import os
import pathlib
import sys

from . import console

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def read_judgements(path):
    judgements = {}
    with open(path, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            query, document, relevance = line.rstrip("\n").split("\t")
            if int(relevance) > 0:
                judgements.setdefault(query, {})[document] = int(relevance)
    return judgements


def ndcg(ranking, judgements, depth=10):
    gain = sum(judgements.get(d, 0) / math.log2(i + 2) for i, d in enumerate(ranking[:depth]))
    best = sorted(judgements.values(), reverse=True)[:depth]
    return gain / sum(g / math.log2(i + 2) for i, g in enumerate(best))


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.dense_reference", description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, metavar="FOLDER")
    parser.add_argument("--data", required=True, metavar="FOLDER", help="BEIR layout")
    parser.add_argument("--cache", metavar="FILE", help="embeddings are kept here (.npz)")
    parser.add_argument("--max-tokens", type=int, default=256, metavar="N")
    parser.add_argument("--batch", type=int, default=32, metavar="N")
    options = parser.parse_args()

    import numpy as np

    data = pathlib.Path(options.data)
    corpus, queries = read_lines(data / "corpus.jsonl"), read_lines(data / "queries.jsonl")
    judgements = read_judgements(data / "qrels.tsv")
    queries = [q for q in queries if q["_id"] in judgements]
    documents = [(d.get("title", "") + " " + d["text"]).strip() for d in corpus]
    texts = [q["text"] for q in queries]

    if options.cache and os.path.exists(options.cache):
        with np.load(options.cache) as kept:
            rows, asked = kept["documents"], kept["queries"]
        console.progress(f"embeddings kept in {options.cache}")
    else:
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(options.model, device="cpu")
        model.max_seq_length = options.max_tokens

        def embed(texts, verb):
            # Sorted by length, in slices, so that the progress is seen.
            order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
            out, ticker = None, console.Ticker(verb, len(texts), 10)
            for start in range(0, len(order), 256):
                part = order[start : start + 256]
                vectors = model.encode(
                    [texts[i] for i in part], batch_size=options.batch, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
                out = np.zeros((len(texts), vectors.shape[1]), np.float32) if out is None else out
                out[part] = vectors
                ticker.at(start + len(part))
            return out

        rows, asked = embed(documents, "embedding documents"), embed(texts, "embedding queries")
        if options.cache:
            np.savez(options.cache, documents=rows, queries=asked)
    if rows.shape[0] != len(documents) or asked.shape[0] != len(texts):
        console.failure(f"{options.cache} is of other texts; delete it")
        return 1

    ids = [d["_id"] for d in corpus]
    # In xquad a query is judged within its own language only, so it searches only there.
    languages = np.array([d.get("lang", "") for d in corpus])
    by_language = len(set(languages)) > 1
    total, recall = 0.0, 0.0
    sums = {}
    for query, vector in zip(queries, asked):
        scores = rows @ vector
        if by_language:
            scores = np.where(languages == query.get("lang", ""), scores, -2)
        best = [ids[i] for i in np.argsort(-scores, kind="stable")[:100]]
        relevant = judgements[query["_id"]]
        value = ndcg(best, relevant)
        total += value
        recall += sum(d in relevant for d in best) / len(relevant)
        if query.get("lang"):
            sums.setdefault(query["lang"], []).append(value)
    import sentence_transformers
    import torch

    result = {
        "ndcg@10": total / len(queries), "recall@100": recall / len(queries), "queries": len(queries), "max_tokens": options.max_tokens,
        "versions": f"sentence-transformers {sentence_transformers.__version__}, torch {torch.__version__}"}
    if len(sums) > 1:
        result["languages"] = {l: {"ndcg@10": sum(v) / len(v), "queries": len(v)} for l, v in sorted(sums.items())}
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
