"""tandem.json: what Tandem reads about a model before it reads anything else. docs/models.md lists its fields."""

import hashlib
import json
import pathlib
import zlib

from errors import ModelError
from folder import ModelDescription

FORMAT = 1
CONVERTER = "tandem-convert 1.1"
FILE = "tandem.json"


def sha256(path: pathlib.Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _sha256(file)


def _sha256(file) -> str:  # Python 3.10
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def crc32(path: pathlib.Path) -> str:
    """What the daemon checks when it loads a model: its libraries have CRC-32 at memory speed, but no SHA-256."""
    checksum = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return f"{checksum:08x}"


def write(folder: pathlib.Path, model: ModelDescription, weights_from: str, inputs: list[str], output: str, source: str | None) -> None:
    """Hashes every file of the folder and writes the manifest beside them."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != FILE)
    names = [p.relative_to(folder).as_posix() for p in files]
    contents = {
        "format": FORMAT,
        "name": model.name,
        "kind": model.kind,
        "architecture": model.architecture.family,
        "dimension": model.dimension,
        "layers": model.architecture.layers,
        "pooling": model.pooling,
        "normalize": model.normalize,
        "max_tokens": model.max_tokens,
        "query_prefix": model.query_prefix,
        "passage_prefix": model.passage_prefix,
        "cosine_floor": model.cosine_floor,
        "model": "openvino/model.xml",
        "inputs": inputs,
        "input_type": "i32",
        "output": output,
        "source": source,
        "weights": weights_from,
        "files": {name: sha256(path) for name, path in zip(names, files)},
        "crc32": {name: crc32(path) for name, path in zip(names, files)},
        "bytes": {name: path.stat().st_size for name, path in zip(names, files)},
        "converter": CONVERTER,
    }
    (folder / FILE).write_text(json.dumps(contents, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read(folder: pathlib.Path) -> dict:
    path = folder / FILE
    try:
        contents = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path} is missing") from error
    except ValueError as error:
        raise ModelError(f"{path} is not JSON ({error}); convert the model again") from error
    if contents.get("format") != FORMAT:
        raise ModelError(f"{path}: format {contents.get('format')!r}, expected {FORMAT}; convert the model again")
    return contents


def check(folder: pathlib.Path, hashes: bool) -> dict:
    """The manifest, if every file that it lists is there with its size (and its digest, if `hashes`).

    Raises `ModelError` naming the first file that differs. Cost: a stat a file, or reading them all.
    """
    contents = read(folder)
    for name, digest in contents["files"].items():
        path = folder / name
        if not path.is_file():
            raise ModelError(f"{path} is missing")
        if path.stat().st_size != contents["bytes"][name]:
            raise ModelError(f"{path}: {path.stat().st_size} bytes, expected {contents['bytes'][name]}")
        if hashes and sha256(path) != digest:
            raise ModelError(f"{path}: the content has changed since the conversion (SHA-256 {sha256(path)}, expected {digest})")
    return contents
