"""The synthetic workload: a million short texts with a Zipf vocabulary, and queries drawn from them.

With the generator of the issue (`generate_text.py`, which needs numpy and numba) the workload is the one that other engines are
measured on. Without it a small generator of our own stands in, labelled as such: words of a Zipf-Mandelbrot distribution without
topics and bursts, so figures of the two are not comparable.
"""

import itertools
import json
import math
import os
import pathlib
import random
import shutil
import subprocess
import sys

from . import console
from .daemon import MeasurementError

PACKAGES = ["numpy==2.4.6", "numba==0.68.1"]


class Workload:
    """Folder with corpus.jsonl and the query sets; made once for each generator, size and seed."""

    def __init__(self, folder, label):
        self.folder, self.label = pathlib.Path(folder), label

    @property
    def corpus(self):
        return self.folder / "corpus.jsonl"

    def queries(self, name):
        return self.folder / f"q_{name}.txt"

    @property
    def is_complete(self):
        return (self.folder / "complete").exists()


def prepare(cache, documents, seed, generator=None, python=None):
    cache = pathlib.Path(cache)
    if generator:
        workload = Workload(cache / f"workload-{documents}-{seed}", f"{pathlib.Path(generator).name}, seed {seed}")
    else:
        workload = Workload(cache / f"workload-own-{documents}-{seed}", f"own Zipf generator (stand-in, not the issue's), seed {seed}")
    if workload.is_complete:
        console.progress(f"workload: {workload.label}, {console.count(documents)} documents (kept from an earlier run)")
        return workload
    console.step(f"Workload: {workload.label}, {console.count(documents)} documents")
    shutil.rmtree(workload.folder, ignore_errors=True)
    workload.folder.mkdir(parents=True)
    if generator:
        _run_generator(workload, generator, documents, seed, python or _python_with_numba(cache))
    else:
        _generate(workload, documents, seed)
    (workload.folder / "complete").touch()
    console.ok(f"{console.size(workload.corpus.stat().st_size)} of JSON Lines")
    return workload


def _python_with_numba(cache):
    """An interpreter that has numpy and numba: this one, or that of an environment of ours, made on first use."""
    for python in (sys.executable, str(cache / "venv/bin/python3")):
        if os.path.exists(python) and subprocess.run([python, "-c", "import numpy, numba"], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    console.progress(f"the generator needs {' and '.join(PACKAGES)}: installing them into {cache / 'venv'}")
    subprocess.run([sys.executable, "-m", "venv", str(cache / "venv")], check=True)
    python = str(cache / "venv/bin/python3")
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES])
    if done.returncode:
        raise MeasurementError("numpy and numba cannot be installed; name an interpreter that has them with --python, or use --own-generator")
    return python


def _run_generator(workload, generator, documents, seed, python):
    done = subprocess.run([python, os.path.abspath(generator), str(documents), str(seed)], cwd=workload.folder, stdout=sys.stderr)
    if done.returncode:
        raise MeasurementError(f"{generator} ended with {done.returncode}")
    data = workload.folder / "data"
    ticker = console.Ticker("writing corpus.jsonl", documents)
    with open(data / "docs.txt", encoding="utf-8") as lines, open(workload.corpus, "w", encoding="utf-8", buffering=1 << 20) as out:
        for number, line in enumerate(lines):
            _write_document(out, number, line.rstrip("\n"))
            if number % 10_000 == 0:
                ticker.at(number)
    for path in data.glob("q_*.txt"):
        path.replace(workload.folder / path.name)
    shutil.rmtree(data)


def _write_document(out, number, text):
    out.write(f'{{"_id":"d{number:07d}","text":{json.dumps(text)}}}\n')


def _generate(workload, documents, seed):
    """Words by Zipf-Mandelbrot, 1 / (rank + 2.7) ** 1.05 over 300,000; lengths log-normal, mean 60."""
    generator = random.Random(seed)
    vocabulary = [_word(i) for i in range(300_000)]
    weights = list(itertools.accumulate(1 / (rank + 2.7) ** 1.05 for rank in range(len(vocabulary))))
    rank_of = {word: rank for rank, word in enumerate(vocabulary)}
    ticker = console.Ticker("writing corpus.jsonl", documents)
    kept = []  # Texts that the queries are drawn from.
    with open(workload.corpus, "w", encoding="utf-8", buffering=1 << 20) as out:
        for number in range(documents):
            length = min(1200, max(4, round(math.exp(generator.gauss(math.log(60) - 0.18, 0.6)))))
            words = generator.choices(vocabulary, cum_weights=weights, k=length)
            if number % max(1, documents // 2000) == 0:
                kept.append(words)
            _write_document(out, number, " ".join(words))
            if number % 10_000 == 0:
                ticker.at(number)
    queries = []
    while len(queries) < 1000:
        words = sorted(set(generator.choice(kept)))
        common = [w for w in words if rank_of[w] < 1000]
        rare = [w for w in words if rank_of[w] >= 1000]
        query = []
        for _ in range(generator.choices([1, 2, 3, 4, 5], weights=[15, 30, 28, 17, 10])[0]):
            pool = common if generator.random() < 0.35 and common else rare
            if pool:
                query.append(generator.choice(pool))
        if query:
            queries.append(" ".join(dict.fromkeys(query)))
    workload.queries("mix").write_text("\n".join(queries) + "\n")


_SYLLABLES = [c + v for c in "bcdfghjklmnprstvwz" for v in "aeiou"]


def _word(index):
    word, index = _SYLLABLES[index % 90], index // 90
    while index:
        index -= 1
        word += _SYLLABLES[index % 90]
        index //= 90
    return word
