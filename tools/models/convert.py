#!/usr/bin/env python3
"""Make Tandem's model folder out of an ordinary Hugging Face folder.

Takes BERT, RoBERTa, XLM-RoBERTa and ELECTRA encoders (sentence embedders and rerankers) with weights as safetensors
or as ONNX, f32, f16 or int8. Writes a folder that is still an ordinary Hugging Face folder, and besides holds
openvino/model.xml and .bin (what the daemon runs) and tandem.json (what it reads first). The folder appears only when
the converted model has passed its checks; a failed or interrupted run leaves nothing behind.

stdout: the folder's path. stderr: progress. Exit code 1: the model cannot be taken, and why; 2: wrong command line.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

from errors import ModelError

# What is copied: descriptions, tokenizer, weights, licence. Not: other formats of the weights, hidden files.
_COPIED = re.compile(
    r"(config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|modules|sentence_bert_config|"
    r"config_sentence_transformers|model\.safetensors\.index)\.json|(vocab|merges)\.txt|.+\.model|"
    r"model(-\d+-of-\d+)?\.safetensors|README\.md|LICEN[CS]E.*|NOTICE.*",
    re.I,
)


def _say(text: str) -> None:
    print(f"    {text}", file=sys.stderr, flush=True)


def _copy(source: pathlib.Path, target: pathlib.Path) -> None:
    for path in source.iterdir():
        if path.is_file() and _COPIED.fullmatch(path.name):
            shutil.copyfile(path, target / path.name)
        elif path.is_dir() and re.fullmatch(r"\d+_\w+", path.name):  # sentence-transformers' modules
            for inner in path.iterdir():
                if inner.is_file() and inner.suffix in (".json", ".safetensors"):
                    (target / path.name).mkdir(exist_ok=True)
                    shutil.copyfile(inner, target / path.name / inner.name)


def _describe_pooling(target: pathlib.Path, model) -> None:
    """Writes the sentence-transformers files of a folder that had none, so that it gives everyone the same vectors."""
    prefix = "sentence_transformers.models."
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")] + ([("2_Normalize", "Normalize")] if model.normalize else [])
    entries = [{"idx": i, "name": str(i), "path": path, "type": prefix + kind} for i, (path, kind) in enumerate(modules)]
    modes = {"cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max", "mean_sqrt_len_tokens": "mean_sqrt_len"}
    pooling = {"word_embedding_dimension": model.dimension} | {f"pooling_mode_{k}": v == model.pooling for k, v in modes.items()}
    (target / "1_Pooling").mkdir()
    for path, contents in (("modules.json", entries), ("1_Pooling/config.json", pooling), ("sentence_bert_config.json", {"max_seq_length": model.max_tokens, "do_lower_case": False})):
        if not (target / path).exists():
            (target / path).write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")


def _dense(folder: pathlib.Path, paths: list[str]):
    from encoder import Weights
    from tensors import read_safetensors

    modules = []
    for path in paths:
        config = json.loads((folder / path / "config.json").read_text())
        activation = str(config.get("activation_function", "Identity")).split(".")[-1]
        weights = folder / path / "model.safetensors"
        if activation not in ("Identity", "Tanh") or not weights.is_file():
            raise ModelError(f"{folder / path}: a Dense module needs model.safetensors and activation Identity or Tanh, found {activation}")
        modules.append((Weights(read_safetensors(weights), str(weights)), activation))
    return modules


def convert(source: pathlib.Path, into: pathlib.Path, checks: list[dict] = (), replace: bool = False, origin: str | None = None, **overrides):
    """Converts `source` into the folder `into` and returns its description.

    `checks`: see `acceptance.check`. `overrides`: see `folder.describe`. Raises `ModelError`.
    Cost: about ten seconds and twice the weights' size in memory for a 100 MB model.
    """
    import acceptance
    import encoder
    import manifest
    from folder import describe
    from tensors import read_weights, write_safetensors

    if not source.is_dir():
        raise ModelError(f"{source} is not a folder")
    if into.exists() and not replace:
        raise ModelError(f"{into} exists already; remove it, choose another name, or say --replace")
    overrides.setdefault("name", None)
    overrides["name"] = overrides["name"] or into.name
    model = describe(source, **overrides)
    shape = model.architecture
    _say(f"{model.name}: {model.kind}, {shape.family}, {shape.layers} layers of {shape.hidden}, up to {model.max_tokens} tokens")
    tensors, weights_from = read_weights(source)
    into.parent.mkdir(parents=True, exist_ok=True)
    staging = pathlib.Path(tempfile.mkdtemp(prefix=f".{into.name}.", dir=into.parent))
    try:
        _copy(source, staging)
        if model.kind == "bi-encoder" and not (source / "modules.json").is_file():
            _describe_pooling(staging, model)
        if weights_from.endswith(".onnx"):
            _say(f"{weights_from}: dequantised weights become model.safetensors")
            write_safetensors(staging / "model.safetensors", tensors)
        _say("building the graph")
        weights = encoder.Weights(tensors, str(source / weights_from))
        dense = _dense(source, model.dense)
        if dense:
            model.dimension = dense[-1][0].take("linear.weight", None, None).shape[0]
        graph = encoder.build(model, weights, dense)
        (staging / "openvino").mkdir()
        encoder.save(graph, staging / "openvino" / "model.xml")
        _say("checking it")
        for line in acceptance.check(staging, model, list(checks)):
            _say(f"  {line}")
        names = [port.get_any_name() for port in graph.inputs]
        manifest.write(staging, model, weights_from, names, graph.output(0).get_any_name(), origin)
        staging.chmod(0o755)
        for path in staging.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        old = into.with_name(f".{into.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if into.exists():
            os.rename(into, old)  # a daemon that has the old files mapped keeps them
        os.rename(staging, into)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return model


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="convert.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=pathlib.Path, help="a Hugging Face model folder")
    parser.add_argument("--into", metavar="MODELS_DIR/NAME", type=pathlib.Path, required=True, help="the folder to make")
    parser.add_argument("--name", help="the model's name (default: the last part of --into)")
    parser.add_argument("--kind", choices=("bi-encoder", "cross-encoder"), help="default: cross-encoder if config.json names a …ForSequenceClassification")
    parser.add_argument("--pooling", choices=("mean", "cls", "max", "mean_sqrt_len"), help="default: 1_Pooling/config.json")
    parser.add_argument("--normalize", action=argparse.BooleanOptionalAction, help="unit-length vectors (default: as modules.json says)")
    parser.add_argument("--query-prefix", help="put before every query (default: config_sentence_transformers.json, or known by name)")
    parser.add_argument("--passage-prefix", help="put before every passage")
    parser.add_argument("--cosine-floor", type=float, help="the cosine of unrelated texts, for the theoretical normaliser (default: 0; 0.7 for E5)")
    parser.add_argument("--max-tokens", type=int, help="cut texts here (default: what the folder says)")
    parser.add_argument("--source", help="where the model came from, for the record")
    parser.add_argument("--replace", action="store_true", help="replace the folder if it is there")
    return parser.parse_args(arguments)


def main(arguments=None) -> int:
    given = vars(_parse(arguments))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the staging folder is removed
    into = given.pop("into").absolute()
    try:
        convert(given.pop("folder"), into, replace=given.pop("replace"), origin=given.pop("source"), **given)
    except ModelError as error:
        print(f"convert.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"convert.py: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"convert.py: the Python module {error.name!r} is missing; run tools/bootstrap and use its Python (<prefix>/lib/tandem/venv/bin/python3)", file=sys.stderr)
        return 1
    print(into)
    return 0


if __name__ == "__main__":
    sys.exit(main())
