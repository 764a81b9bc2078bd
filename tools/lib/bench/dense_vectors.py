"""What tools/bench-dense measures on: the vectors of real passages through the default bi-encoder, and the file that all engines read.

The passages are tools/bench-lexical's real text, shuffled, so that any part of them is like the whole. embed-passages goes on where it stopped,
which is why a run that was interrupted costs nothing.
"""

import contextlib
import fcntl
import json
import pathlib
import random
import subprocess
import sys

from . import console, real_text, virtual
from .daemon import MeasurementError

MODEL, COUNT = "all-MiniLM-L6-v2", 1_001_000
SHUFFLE_SEED, NOISE_SEED = 20261128, 20261129


@contextlib.contextmanager
def _locked(path):
    with open(path, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def default(place, judge, wanted):
    """The file of the real passages' vectors, with `wanted` rows or as many as there are passages."""
    folder = place.cache / "dense"
    folder.mkdir(parents=True, exist_ok=True)
    vectors = folder / "minilm.npy"
    with _locked(folder / "lock"):
        there = judge.ask({"do": "describe", "vectors": str(vectors)})["rows"] if vectors.exists() else 0
        if there < min(wanted, COUNT):
            _embed(place, _shuffled(place, folder / "passages.txt"), vectors)
    return vectors


def _shuffled(place, target):
    if target.exists():
        return target
    folder, _ = real_text.prepare(place.cache, None, virtual.python(place.cache))
    lines = (folder / "docs.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(SHUFFLE_SEED).shuffle(lines)
    with open(target.with_suffix(".part"), "w", encoding="utf-8") as out:
        out.writelines(lines)
    target.with_suffix(".part").rename(target)
    return target


def _embed(place, passages, vectors):
    program, model = place.binaries / "embed-passages", place.models / MODEL
    if not program.exists():
        raise MeasurementError(f"TANDEM_BIN: {place.binaries} has no 'embed-passages', which makes the vectors; build it, or name a file (--vectors)")
    if not (model / "tandem.json").exists():
        raise MeasurementError(f"no model {MODEL} in {place.models}: run tools/fetch-models, or set TANDEM_MODELS, or name a file (--vectors)")
    console.step(f"Vectors of {console.count(COUNT)} passages (once; about 1,000 a second on two cores, and it goes on where it stopped)")
    done = subprocess.run([str(program), str(passages), str(vectors), "--model", str(model), "--count", str(COUNT)], stdout=sys.stderr)
    if done.returncode:
        raise MeasurementError(f"embed-passages ended with {done.returncode}; run this again, it goes on where it stopped")


def prepare(cache, judge, source, rows, queries):
    """({"file", "rows", "dimension", "perturbed", "label"}): one file for all engines and sizes: rows of length 1, the queries behind them.

    A copy, since the source may be one that grows. It is kept until another source, or another number, is asked for."""
    source, folder = pathlib.Path(source), cache / "dense"
    folder.mkdir(parents=True, exist_ok=True)
    target, stamp = folder / "prepared.npy", folder / "prepared.json"
    status = source.stat()
    key = {"source": str(source.absolute()), "bytes": status.st_size, "modified": status.st_mtime_ns, "rows": rows, "queries": queries}
    found = judge.ask({"do": "describe", "vectors": str(source)})
    if found["rows"] < 2 * queries:
        raise MeasurementError(f"{source.name}: {console.count(found['rows'])} rows; expected at least twice the queries ({queries})")
    kept = json.loads(stamp.read_text(encoding="utf-8")) if stamp.exists() and target.exists() else {}
    if kept.get("key") != key:
        console.step(f"Vectors: {console.count(rows)} rows and {console.count(queries)} queries of {source.name}")
        stamp.unlink(missing_ok=True)
        for old in [*folder.glob("truth-*.npz"), *folder.glob("index-*")]:
            old.unlink()
        made = judge.ask({"do": "prepare", "vectors": str(source), "rows": rows, "queries": queries, "to": str(target), "seed": NOISE_SEED})
        kept = {"key": key, "perturbed": made["perturbed"]}
        stamp.write_text(json.dumps(kept), encoding="utf-8")
    return {"file": target, "dimension": found["dimension"], "perturbed": kept["perturbed"], "rows": rows, "name": source.name}


def label(prepared, rows):
    """What the first `rows` rows are."""
    perturbed = max(0, rows - (prepared["rows"] - prepared["perturbed"]))
    if not perturbed:
        return f"{prepared['name']}, {prepared['dimension']} dimensions"
    return (
        f"{prepared['name']}, {prepared['dimension']} dimensions; {console.count(perturbed)} of the rows are PERTURBED COPIES of the others "
        "(Gaussian noise, cosine .89), so they say less than real ones")
