"""Exact answers for tools/bench-dense, behind the same kind of protocol: what needs NumPy and is no engine. Runs in the environment of the peers.

  {"do": "describe", "vectors": PATH} → {"rows": …, "dimension": …}
  {"do": "prepare", "vectors": PATH, "rows": N, "queries": Q, "to": PATH, "seed": S} → {"perturbed": …}: a file of N + Q rows of length 1, the queries last
  {"do": "truth", "vectors": PATH, "rows": N, "queries": Q, "kept": PATH.npz} → {}: the exact top 10, kept on disk
  {"do": "recall", "ids": PATH, "k": 10} → {"recall": …}

A hit counts when its true score reaches the tenth's, so that ties do not matter; rows are counted once.
"""

import json
import os
import sys

import numpy

K = 10
# Where the file has fewer rows than asked for, the rest are copies of them plus noise of this length in all: a cosine of .89 to their originals.
NOISE = 0.5
TIE = 1e-6
BLOCK = 20_000


def describe(request, _):
    vectors = numpy.load(request["vectors"], mmap_mode="r")
    if vectors.ndim != 2 or vectors.dtype != numpy.float32:
        raise ValueError(f"{request['vectors']}: {vectors.dtype} of shape {vectors.shape}; expected float32 in two dimensions")
    return {"rows": vectors.shape[0], "dimension": vectors.shape[1]}


def normalised(rows):
    lengths = numpy.linalg.norm(rows.astype(numpy.float64), axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError("a row of zeros has no cosine")
    return (rows / lengths).astype(numpy.float32)


def prepare(request, _):
    """In blocks, so that the memory is the engines'; renamed into place when it is whole."""
    vectors, rows, queries = numpy.load(request["vectors"], mmap_mode="r"), request["rows"], request["queries"]
    # A file that is being filled meanwhile has one length for us.
    there, dimension = vectors.shape
    real = min(rows, there - queries)
    part = request["to"] + ".part"
    target = numpy.lib.format.open_memmap(part, mode="w+", dtype=numpy.float32, shape=(rows + queries, dimension))
    for start in range(0, real, BLOCK):
        end = min(real, start + BLOCK)
        target[start:end] = normalised(vectors[start:end])
    chance = numpy.random.default_rng(request["seed"])
    for start in range(real, rows, BLOCK):
        end = min(rows, start + BLOCK)
        copied = target[numpy.arange(start, end) % real]
        noise = chance.standard_normal(copied.shape, numpy.float32) * numpy.float32(NOISE / dimension**0.5)
        target[start:end] = normalised(copied + noise)
    target[rows:] = normalised(vectors[there - queries:there])
    target.flush()
    os.replace(part, request["to"])
    return {"perturbed": rows - real}


def exact(rows, queries):
    """(ids, scores) of each query's K best, best first."""
    scores, ids = numpy.full((len(queries), 0), 0, numpy.float32), numpy.zeros((len(queries), 0), numpy.int64)
    for start in range(0, len(rows), BLOCK):
        found = queries @ rows[start:start + BLOCK].T
        best = numpy.argpartition(-found, min(K, found.shape[1]) - 1, axis=1)[:, :K]
        scores = numpy.hstack([scores, numpy.take_along_axis(found, best, 1)])
        ids = numpy.hstack([ids, best + start])
        order = numpy.argsort(-scores, axis=1, kind="stable")[:, :K]
        scores, ids = numpy.take_along_axis(scores, order, 1), numpy.take_along_axis(ids, order, 1)
    return ids, scores


def truth(request, state):
    vectors = numpy.load(request["vectors"], mmap_mode="r")
    state.rows, state.queries = vectors[:request["rows"]], numpy.array(vectors[len(vectors) - request["queries"]:])
    if os.path.exists(request["kept"]):
        with numpy.load(request["kept"]) as kept:
            state.scores = kept["scores"]
        return {"kept": True}
    ids, state.scores = exact(state.rows, state.queries)
    part = request["kept"] + ".part.npz"
    numpy.savez(part, ids=ids, scores=state.scores)
    os.replace(part, request["kept"])
    return {"kept": False}


def recall(request, state):
    ids = numpy.fromfile(request["ids"], numpy.int32).reshape(len(state.queries), request["k"])
    if ids.max(initial=-1) >= len(state.rows) or ids.min(initial=0) < -1:
        raise ValueError("an id that is no row's")
    hits = 0
    for query, found, scores in zip(state.queries, ids, state.scores):
        found = numpy.unique(found[found >= 0])
        hits += min(K, int((state.rows[found] @ query >= scores[-1] - TIE).sum()))
    return {"recall": hits / (len(ids) * K)}


class State:
    rows = queries = scores = None


def main():
    state, actions = State(), {"describe": describe, "prepare": prepare, "truth": truth, "recall": recall}
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "quit":
            return
        try:
            answer = actions[request["do"]](request, state)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
