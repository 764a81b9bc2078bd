"""What a converted model must show before it gets its place in the models folder."""

import pathlib

import numpy

from errors import ModelError
from folder import ModelDescription
from runtime import Runner

# Lengths from two tokens to a few dozen, so that batching them pads; two scripts that most vocabularies know.
_TEXTS = [
    "search", "How many people live in Berlin?", "Berlin has 3,520,031 inhabitants in an area of 891.82 square kilometres.",
    "Die Lösung wurde gefunden: naïve façade, 東京 2024, C++ and node.js.",
    "The cat sits on the mat, and the dog, which had been asleep for most of the long and rainy afternoon, watches it.",
]
# Same arithmetic in f32, so only the order of summation differs between batch sizes.
_BATCH_TOLERANCE = 1e-3


def check(folder: pathlib.Path, model: ModelDescription, checks: list[dict]) -> list[str]:
    """Runs the IR in `folder` in f32. Returns one line of findings a check.

    Generic: output [B, dimension], finite, unit length where promised, the same alone as in a padded batch, and not
    the same for different texts. `checks`: `{"a": text, "b": text, "value": cosine or logit, "tolerance": t}`.
    Raises `ModelError` at the first that fails.
    """
    runner = Runner(folder / "openvino" / "model.xml", folder / "tokenizer.json", model.max_tokens)
    pairs = model.kind == "cross-encoder"
    items = [(_TEXTS[1], text) for text in _TEXTS] if pairs else _TEXTS
    batch = runner.infer(runner.encode(items))
    if batch.shape != (len(items), model.dimension):
        raise ModelError(f"{model.name}: the output has shape {batch.shape}, expected {(len(items), model.dimension)}")
    if not numpy.isfinite(batch).all():
        raise ModelError(f"{model.name}: the output holds values that are not finite")
    single = numpy.concatenate([runner.infer(runner.encode([item])) for item in items])
    difference = float(numpy.abs(single - batch).max())
    if difference > _BATCH_TOLERANCE * max(1.0, float(numpy.abs(batch).max())):
        raise ModelError(f"{model.name}: alone and in a batch the output differs by {difference:.2g}; the mask is not honoured")
    findings = [f"a batch equals its texts one by one within {difference:.1e}"]
    if model.normalize:
        norms = numpy.linalg.norm(batch, axis=1)
        if numpy.abs(norms - 1).max() > 1e-3:
            raise ModelError(f"{model.name}: vectors of length {norms.min():.4f}..{norms.max():.4f}, expected 1")
    if float(numpy.ptp(batch, axis=0).max()) < 1e-4:
        raise ModelError(f"{model.name}: the same output for different texts; the weights do not fit the architecture")
    for expected in checks:
        a, b = expected["a"], expected["b"]
        if pairs:
            value = float(runner.infer(runner.encode([(a, b)]))[0, 0])
        else:
            x, y = runner.infer(runner.encode([a, b]))
            value = float(x @ y / (numpy.linalg.norm(x) * numpy.linalg.norm(y)))
        line = f"“{a[:40]}” / “{b[:40]}”: {value:.3f}, expected {expected['value']:.3f} ± {expected['tolerance']}"
        if not abs(value - expected["value"]) <= expected["tolerance"]:
            raise ModelError(f"{model.name}: {line}")
        findings.append(line)
    return findings
