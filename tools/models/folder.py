"""What a Hugging Face folder says about its model: architecture, pooling, prefixes, limits. No weights here."""

import dataclasses
import json
import pathlib
import re

from errors import DAMAGE, ModelError


@dataclasses.dataclass
class Architecture:
    """The numbers that shape an encoder. `position_offset`: rows of the position table before position 0."""

    family: str  # "bert", "roberta" or "electra"
    layers: int
    heads: int
    hidden: int
    epsilon: float
    activation: str
    positions: int
    position_offset: int
    token_types: int


@dataclasses.dataclass
class ModelDescription:
    """Everything that the manifest says, besides digests. `pooling` and `normalize` are None for cross-encoders."""

    name: str
    kind: str  # "bi-encoder" or "cross-encoder"
    architecture: Architecture
    dimension: int
    pooling: str | None
    normalize: bool | None
    dense: list[str]  # folders of Dense modules between pooling and normalisation
    max_tokens: int
    query_prefix: str
    passage_prefix: str
    cosine_floor: float


_FAMILIES = {"bert": "bert", "roberta": "roberta", "xlm-roberta": "roberta", "camembert": "roberta", "electra": "electra"}
_ACTIVATIONS = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu", "silu": "silu", "swish": "silu"}
_POOLINGS = {
    "pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max", "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len",
}
# Families whose folders do not always carry their prefixes, from their model cards. (query, passage, cosine floor):
# E5 was trained with temperature 0.01, so its cosines lie between 0.7 and 1.
_KNOWN_PREFIXES = [
    (re.compile(r"(^|[-_/])e5[-_](small|base|large)(?!.*instruct)", re.I), ("query: ", "passage: ", 0.7)),
    (re.compile(r"bge-(small|base|large)-en", re.I), ("Represent this sentence for searching relevant passages: ", "", 0.0)),
]


def _json(path: pathlib.Path, default=None):
    if not path.is_file():
        if default is not None:
            return default
        raise ModelError(f"{path} is missing; expected an ordinary Hugging Face model folder")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from error


def _architecture(config: dict, folder: pathlib.Path) -> Architecture:
    model_type = config.get("model_type")
    if model_type not in _FAMILIES:
        raise ModelError(
            f"{folder}/config.json: model_type {model_type!r} is not supported; supported are {', '.join(_FAMILIES)}"
        )
    family = _FAMILIES[model_type]
    try:
        activation = config.get("hidden_act", "gelu")
        position_type = config.get("position_embedding_type") or "absolute"
        if activation not in _ACTIVATIONS:
            raise ModelError(f"{folder}/config.json: hidden_act {activation!r} is not supported; supported are {', '.join(_ACTIVATIONS)}")
        if position_type != "absolute":
            raise ModelError(f"{folder}/config.json: position_embedding_type {position_type!r} is not supported; only 'absolute' is")
        if config.get("is_decoder"):
            raise ModelError(f"{folder}/config.json: is_decoder is set; only encoders are supported")
        # RoBERTa numbers positions from padding_idx + 1 on, so its table has that many rows before position 0.
        offset = int(config.get("pad_token_id") or 0) + 1 if family == "roberta" else 0
        if family == "roberta" and "pad_token_id" not in config:
            offset = 2
        return Architecture(
            family=family,
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            hidden=int(config["hidden_size"]),
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            activation=_ACTIVATIONS[activation],
            positions=int(config["max_position_embeddings"]) - offset,
            position_offset=offset,
            token_types=int(config.get("type_vocab_size", 0 if family == "roberta" else 2)),
        )
    except KeyError as error:
        raise ModelError(f"{folder}/config.json has no {error.args[0]!r}") from error


def _pooling(config: dict, path: pathlib.Path) -> str:
    chosen = [name for key, name in _POOLINGS.items() if config.get(key)]
    other = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True and key not in _POOLINGS]
    if not chosen and not other and "pooling_mode" in config:
        mode = config["pooling_mode"]
        modes = [mode] if isinstance(mode, str) else list(mode)
        chosen = [m for m in modes if m in _POOLINGS.values()]
        other = [m for m in modes if m not in _POOLINGS.values()]
    if len(chosen) != 1 or other:
        raise ModelError(f"{path}: pooling {chosen + other} is not supported; expected exactly one of {', '.join(_POOLINGS.values())}")
    return chosen[0]


def describe(
    folder: pathlib.Path,
    name: str | None = None,
    kind: str | None = None,
    pooling: str | None = None,
    normalize: bool | None = None,
    query_prefix: str | None = None,
    passage_prefix: str | None = None,
    cosine_floor: float | None = None,
    max_tokens: int | None = None,
) -> ModelDescription:
    """Reads the folder's JSON files. What is given as an argument goes before what the folder says.

    Raises `ModelError` for whatever is missing, contradictory or unsupported.
    """
    try:
        return _describe(folder, name, kind, pooling, normalize, query_prefix, passage_prefix, cosine_floor, max_tokens)
    except DAMAGE as error:
        raise ModelError(f"{folder}: one of its JSON files is not as expected ({type(error).__name__}: {error})") from error


def _describe(folder, name, kind, pooling, normalize, query_prefix, passage_prefix, cosine_floor, max_tokens) -> ModelDescription:
    config = _json(folder / "config.json")
    architecture = _architecture(config, folder)
    tokenizer_file = folder / "tokenizer.json"
    if not tokenizer_file.is_file():
        raise ModelError(
            f"{tokenizer_file} is missing; Tandem reads its tokenizer from there. transformers writes it: "
            "AutoTokenizer.from_pretrained(FOLDER, use_fast=True).save_pretrained(FOLDER)"
        )
    name = name or folder.resolve().name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", name):
        raise ModelError(f"model name {name!r}: expected letters, digits, '.', '_', '-'; give one with --name")

    classifies = any("ForSequenceClassification" in a for a in config.get("architectures") or [])
    if kind is None:
        kind = "cross-encoder" if classifies else "bi-encoder"
    labels = len(config.get("id2label") or {0: ""}) if "num_labels" not in config else int(config["num_labels"])
    if kind == "cross-encoder" and labels != 1:
        raise ModelError(f"{folder}/config.json: {labels} labels; a reranker has one. Is this a classifier of another kind?")

    modules = _json(folder / "modules.json", default=[])
    dense, folder_pooling, folder_normalize = [], None, False
    if kind == "bi-encoder":
        for module in modules:
            type_name = str(module.get("type", "")).split(".")[-1]
            path = folder / str(module.get("path", ""))
            if type_name == "Pooling":
                folder_pooling = _pooling(_json(path / "config.json"), path / "config.json")
            elif type_name == "Dense":
                dense.append(str(module["path"]))
            elif type_name == "Normalize":
                folder_normalize = True
            elif type_name != "Transformer":
                raise ModelError(f"{folder}/modules.json: module {type_name!r} is not supported")
        if pooling is None and folder_pooling is None:
            raise ModelError(
                f"{folder} does not say how token vectors become one vector (modules.json and 1_Pooling are missing); "
                "say it with --pooling mean or --pooling cls (the model's card tells which)"
            )

    sentence = _json(folder / "sentence_bert_config.json", default={})
    tokenizer_config = _json(folder / "tokenizer_config.json", default={})
    # Tokenizers without a limit write 1e30 there.
    limits = [architecture.positions, int(min(float(tokenizer_config.get("model_max_length") or 1e30), 1e9))]
    if sentence.get("max_seq_length"):
        limits = [architecture.positions, int(sentence["max_seq_length"])]
    if max_tokens is not None:
        limits = [architecture.positions, max_tokens]

    prompts = (_json(folder / "config_sentence_transformers.json", default={}) or {}).get("prompts") or {}
    known = ("", "", 0.0)
    for pattern, values in _KNOWN_PREFIXES:
        if any(pattern.search(str(text)) for text in (name, config.get("_name_or_path", ""))):
            known = values
            break
    if kind == "cross-encoder":
        known, prompts = ("", "", 0.0), {}

    def first(*values):
        return next(v for v in values if v is not None)

    return ModelDescription(
        name=name,
        kind=kind,
        architecture=architecture,
        dimension=architecture.hidden if kind == "bi-encoder" else 1,
        pooling=first(pooling, folder_pooling) if kind == "bi-encoder" else None,
        # Without modules.json nobody says; unit vectors suit every use of a cosine.
        normalize=first(normalize, folder_normalize if modules else True) if kind == "bi-encoder" else None,
        dense=dense,
        max_tokens=min(limits),
        query_prefix=first(query_prefix, prompts.get("query") or None, known[0]),
        passage_prefix=first(passage_prefix, prompts.get("passage") or prompts.get("document") or None, known[1]),
        cosine_floor=first(cosine_floor, known[2]),
    )
