#!/usr/bin/env python3
"""Compares converted models with sentence-transformers. Run by tools/check-models, which has the help text."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy

import manifest
from errors import ModelError
from runtime import Runner


def _texts(path: pathlib.Path, count: int) -> list[tuple[str, str]]:
    """(title, text) of the first `count` documents of a BEIR corpus.jsonl."""
    documents = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            document = json.loads(line)
            documents.append((document.get("title", ""), document["text"]))
            if len(documents) == count:
                break
    return documents


def _compare(folder: pathlib.Path, documents, given) -> bool:
    model = manifest.check(folder, hashes=False)
    pairs = model["kind"] == "cross-encoder"
    if pairs:
        # Each title against its own text and the next document's: one relevant, one not.
        chosen = [d for d in documents if d[0]][: given.pairs // 2]
        items = [(title, text) for i, (title, _) in enumerate(chosen) for text in (chosen[i][1], chosen[(i + 1) % len(chosen)][1])]
    else:
        items = [f"{title} {text}".strip() for title, text in documents]
    with tempfile.TemporaryDirectory(prefix="check-models.") as scratch:
        items_file, output = pathlib.Path(scratch, "items.json"), pathlib.Path(scratch, "reference.npy")
        items_file.write_text(json.dumps(items), encoding="utf-8")
        start = time.monotonic()
        command = [given.python, str(pathlib.Path(__file__).with_name("reference.py")), str(folder), model["kind"], str(items_file), str(output), str(given.threads)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise ModelError(f"the reference failed: {done.stderr.strip()[-600:]}")
        reference = numpy.load(output)
        seconds = time.monotonic() - start
    good = True
    print(f"{model['name']}: {len(items)} {'pairs' if pairs else 'texts'}, sentence-transformers f32 in {seconds:.1f} s with its start")
    for precision in ("f32", "bf16"):
        runner = Runner(folder / model["model"], folder / "tokenizer.json", model["max_tokens"], precision, given.threads)
        start = time.monotonic()
        ours = runner.run(items)
        seconds = time.monotonic() - start
        if pairs:
            difference = numpy.abs(ours - reference)[:, 0]
            worst, bound = float(difference.max()), given.max_difference
            within = worst <= bound
            print(f"  {precision:4}  logit difference: max {worst:.4f}, mean {difference.mean():.4f} (at most {bound})  {seconds:.1f} s  {'ok' if within else 'OUT OF BOUNDS'}")
        else:
            norms = numpy.linalg.norm(ours, axis=1) * numpy.linalg.norm(reference, axis=1)
            cosine = numpy.einsum("ij,ij->i", ours, reference) / norms
            worst, bound = float(cosine.min()), given.min_cosine
            within = worst >= bound
            lengths = numpy.linalg.norm(ours, axis=1)
            print(
                f"  {precision:4}  cosine: min {worst:.6f}, mean {cosine.mean():.6f} (at least {bound}), length {lengths.min():.4f}..{lengths.max():.4f}"
                f"  {seconds:.1f} s  {'ok' if within else 'OUT OF BOUNDS'}"
            )
        good &= within
    return good


def main() -> int:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--texts", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--min-cosine", type=float, default=0.999)
    parser.add_argument("--max-difference", type=float, default=0.15)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    documents = _texts(given.texts, given.count)
    names = given.names or sorted(p.parent.name for p in given.models.glob(f"*/{manifest.FILE}"))
    if not names or not documents:
        print(f"nothing to compare: {len(names)} models in {given.models}, {len(documents)} texts in {given.texts}", file=sys.stderr)
        return 1
    good = True
    for name in names:  # every model is compared, also after one that differs
        try:
            good &= _compare(given.models / name, documents, given)
        except ModelError as error:
            print(f"check-models: {name}: {error}", file=sys.stderr)
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
