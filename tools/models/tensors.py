"""Reading and writing safetensors with numpy alone.

Layout (https://github.com/huggingface/safetensors): u64 little-endian header length, a JSON header
`{name: {dtype, shape, data_offsets: [begin, end]}}`, then the tensors' bytes, offsets relative to the header's end.
"""

import json
import pathlib

import numpy

from errors import DAMAGE, ModelError

_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4",
    "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?",
}
_HEADER_BYTES_MAX = 100_000_000  # the reference implementation's limit


def read_safetensors(path: pathlib.Path) -> dict[str, numpy.ndarray]:
    """The tensors of one file, mapped; bfloat16 widened to f32. Raises `ModelError` for a damaged file."""
    try:
        return _read(path)
    except DAMAGE as error:
        raise ModelError(f"{path}: the file is damaged ({type(error).__name__}: {error})") from error


def _read(path: pathlib.Path) -> dict[str, numpy.ndarray]:
    size = path.stat().st_size
    with open(path, "rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        if size < 8 or header_bytes > min(size - 8, _HEADER_BYTES_MAX):
            raise ModelError(f"{path}: header of {header_bytes} bytes in a file of {size}; the file is damaged or cut off")
        try:
            header = json.loads(file.read(header_bytes))
        except ValueError as error:
            raise ModelError(f"{path}: the header is not JSON ({error}); the file is damaged") from error
    data = numpy.memmap(path, dtype="u1", mode="r", offset=8 + header_bytes) if size > 8 + header_bytes else numpy.zeros(0, "u1")
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        if not 0 <= begin <= end <= data.size:
            raise ModelError(f"{path}: tensor {name} lies at {begin}..{end} of {data.size} bytes; the file is cut off")
        raw, shape = data[begin:end], tuple(entry["shape"])
        if entry["dtype"] == "BF16":
            # bfloat16 is the upper half of a f32.
            array = (raw.view("<u2").astype("<u4") << 16).view("<f4")
        elif entry["dtype"] in _DTYPES:
            array = raw.view(_DTYPES[entry["dtype"]])
        else:
            raise ModelError(f"{path}: tensor {name} has element type {entry['dtype']}, which is not supported")
        tensors[name] = array.reshape(shape)
    return tensors


def write_safetensors(path: pathlib.Path, tensors: dict[str, numpy.ndarray]) -> None:
    """Writes f32 tensors. `format: pt` is what Hugging Face's loader insists on."""
    header: dict = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, array in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + 4 * array.size]}
        offset += 4 * array.size
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)  # the data begins at a multiple of 8, so that it can be mapped
    with open(path, "wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        for array in tensors.values():
            file.write(numpy.ascontiguousarray(array, dtype="<f4").tobytes())


def read_weights(folder: pathlib.Path) -> tuple[dict[str, numpy.ndarray], str]:
    """The weights of a Hugging Face folder and the file they came from: safetensors, whole or in shards, else ONNX."""
    single, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if single.is_file():
        return read_safetensors(single), single.name
    if index.is_file():
        tensors: dict[str, numpy.ndarray] = {}
        for shard in sorted(set(json.loads(index.read_text())["weight_map"].values())):
            if pathlib.PurePath(shard).name != shard or not (folder / shard).is_file():
                raise ModelError(f"{index}: shard {shard!r} is not in the folder")
            tensors.update(read_safetensors(folder / shard))
        return tensors, index.name
    # Full precision before quantised, where a folder offers several.
    candidates = [folder / "onnx" / "model.onnx", folder / "model.onnx"]
    candidates += sorted((folder / "onnx").glob("*.onnx")) + sorted(folder.glob("*.onnx"))
    for candidate in candidates:
        if candidate.is_file():
            from onnx_weights import read_onnx_weights

            return read_onnx_weights(candidate), str(candidate.relative_to(folder))
    found = ", ".join(sorted(p.name for p in folder.glob("*.bin"))) or "no weights at all"
    raise ModelError(
        f"{folder}: found {found}; expected model.safetensors, its shards, or onnx/model.onnx. "
        "A PyTorch .bin file can be turned into safetensors with transformers' save_pretrained."
    )
