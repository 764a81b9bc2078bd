"""Reads the weights of a BERT-like ONNX file by their PyTorch names, dequantised to f32.

Only the protobuf wire format and the few ONNX messages that hold weights are read here (fields by number, from
onnx.proto3); nothing is executed. What the exporters leave us with:

- A linear layer's weight is an anonymous initializer (`onnx::MatMul_991`), transposed to [in, out]. Its name is found by
  following the product to the Add whose other operand is the initializer `….query.bias`; else from the node's own
  path (`/bert/encoder/layer.0/attention/self/query/MatMul`).
- Dynamic quantisation (onnxruntime): `X_quantized` (u8 or i8), `X_scale`, `X_zero_point`, used by a MatMulInteger or
  a Gather. Scale and zero point are scalars, or one per output column.
- QDQ quantisation: a DequantizeLinear node of initializers in place of the weight.
"""

import pathlib
import re

import numpy

from errors import DAMAGE, ModelError

_ELEMENT_TYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 10: "<f2", 11: "<f8"}
# Operators that onnxruntime's optimiser makes out of several; the weights inside have no names any more.
_FUSED = {
    "Attention", "QAttention", "MultiHeadAttention", "EmbedLayerNormalization", "QEmbedLayerNormalization",
    "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "QGemm", "QLinearMatMul", "DynamicQuantizeLSTM",
}


def _fields(buffer: memoryview):
    """(field number, value) of one message; value is an int for varints, a memoryview for everything else."""
    at, end = 0, len(buffer)

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            if at >= end or shift > 63:
                raise ModelError("the ONNX file is cut off or damaged (varint)")
            byte = buffer[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    while at < end:
        key = varint()
        wire_type = key & 7
        if wire_type == 0:
            yield key >> 3, varint()
            continue
        length = {1: 8, 5: 4}.get(wire_type) if wire_type != 2 else varint()
        if length is None or length > end - at:
            raise ModelError("the ONNX file is cut off or damaged (field length)")
        yield key >> 3, buffer[at : at + length]
        at += length


def _text(value: memoryview) -> str:
    return bytes(value).decode("utf-8", "replace")


class _Node:
    def __init__(self, buffer: memoryview):
        self.inputs: list[str] = []
        self.outputs: list[str] = []
        self.name = self.operator = ""
        self.transposes_b = False
        for number, value in _fields(buffer):
            if number == 1:
                self.inputs.append(_text(value))
            elif number == 2:
                self.outputs.append(_text(value))
            elif number == 3:
                self.name = _text(value)
            elif number == 4:
                self.operator = _text(value)
            elif number == 5:  # AttributeProto: name = 1, i = 3
                attribute = dict(_fields(value))
                if 1 in attribute and _text(attribute[1]) == "transB":
                    self.transposes_b = bool(attribute.get(3, 0))


def _tensor(buffer: memoryview, folder: pathlib.Path) -> tuple[str, numpy.ndarray | None]:
    """TensorProto: dims = 1, data_type = 2, float_data = 4, int32_data = 5, int64_data = 7, name = 8, raw_data = 9,
    external_data = 13, data_location = 14. None for element types that no weight has."""
    shape: list[int] = []
    element_type, name, raw, external, typed = 0, "", None, {}, None
    for number, value in _fields(buffer):
        if number == 1:
            if isinstance(value, int):
                shape.append(value)
            else:
                at = 0
                while at < len(value):  # packed
                    dimension = shift = 0
                    while value[at] >= 0x80:
                        dimension |= (value[at] & 0x7F) << shift
                        shift, at = shift + 7, at + 1
                    shape.append(dimension | value[at] << shift)
                    at += 1
        elif number == 2:
            element_type = value
        elif number == 4:
            typed = value if typed is None else bytes(typed) + bytes(value)
        elif number == 5:
            typed = typed if isinstance(typed, list) else []
            typed.append(value)
        elif number == 8:
            name = _text(value)
        elif number == 9:
            raw = value
        elif number == 13:
            entry = dict(_fields(value))
            external[_text(entry[1])] = _text(entry[2])
    dtype = _ELEMENT_TYPES.get(element_type)
    if dtype is None:
        return name, None
    if external:
        location = pathlib.PurePath(external["location"])
        if location.is_absolute() or ".." in location.parts:
            raise ModelError(f"ONNX tensor {name}: its data lies outside the folder ({location})")
        offset = int(external.get("offset", 0))
        count = int(numpy.prod(shape, dtype=numpy.int64)) if shape else 1
        array = numpy.fromfile(folder / location, dtype=dtype, count=count, offset=offset)
    elif raw is not None:
        if len(raw) % numpy.dtype(dtype).itemsize:
            raise ModelError(f"ONNX tensor {name}: {len(raw)} bytes are not whole elements; the file is damaged")
        array = numpy.frombuffer(raw, dtype=dtype)
    elif isinstance(typed, list):
        values = [v for item in typed for v in ([item] if isinstance(item, int) else list(item))]
        array = numpy.array(values, dtype=numpy.int64).astype(dtype)
    else:
        array = numpy.frombuffer(typed or b"", dtype="<f4").astype(dtype)
    if array.size != numpy.prod(shape, dtype=numpy.int64):
        raise ModelError(f"ONNX tensor {name}: {array.size} elements for shape {shape}; the file is damaged")
    return name, array.reshape(shape)


def _dequantise(array: numpy.ndarray, scale: numpy.ndarray, zero_point: numpy.ndarray | None, name: str) -> numpy.ndarray:
    """(array − zero point) · scale; per tensor, or per column (per row where only the row count fits)."""
    zero = numpy.zeros(1, "f4") if zero_point is None else zero_point.astype("f4").reshape(-1)
    scale = scale.astype("f4").reshape(-1)
    if scale.size > 1:
        if scale.size == array.shape[-1]:
            layout = (1,) * (array.ndim - 1) + (-1,)
        elif scale.size == array.shape[0]:
            layout = (-1,) + (1,) * (array.ndim - 1)
        else:
            raise ModelError(f"ONNX weight {name} {array.shape}: {scale.size} scales fit neither its rows nor its columns")
        scale = scale.reshape(layout)
        zero = zero.reshape(layout) if zero.size > 1 else zero
    # Whoever takes the weight checks that it is finite, so a damaged scale needs no warning here.
    with numpy.errstate(over="ignore", invalid="ignore"):
        return (array.astype("f4") - zero) * scale


def read_onnx_weights(path: pathlib.Path) -> dict[str, numpy.ndarray]:
    """Weights by PyTorch name ([out, in] for linear layers), f32.

    Raises `ModelError` for files whose layers were fused (it names the operator) or that are damaged.
    """
    try:
        return _read(path)
    except DAMAGE as error:
        raise ModelError(f"{path}: the file is damaged ({type(error).__name__}: {error})") from error


def _read(path: pathlib.Path) -> dict[str, numpy.ndarray]:
    data = memoryview(numpy.memmap(path, dtype="u1", mode="r"))
    graph = next((value for number, value in _fields(data) if number == 7), None)
    if graph is None or isinstance(graph, int):
        raise ModelError(f"{path}: no graph inside; not an ONNX model")
    nodes: list[_Node] = []
    stored: dict[str, numpy.ndarray] = {}
    for number, value in _fields(graph):
        if number == 1:
            nodes.append(_Node(value))
        elif number == 5:
            name, array = _tensor(value, path.parent)
            if array is not None:
                stored[name] = array
    fused = sorted({node.operator for node in nodes} & _FUSED)
    if fused:
        raise ModelError(
            f"{path}: holds fused operators ({', '.join(fused)}), whose weights have lost their names. "
            "Take the folder's unoptimised ONNX file or its safetensors."
        )

    consumers: dict[str, list[_Node]] = {}
    for node in nodes:
        for name in node.inputs:
            consumers.setdefault(name, []).append(node)

    # Weights under their own name, quantised or not.
    weights: dict[str, numpy.ndarray] = {}
    constants: dict[str, numpy.ndarray] = dict(stored)
    for name, array in stored.items():
        base = name.removesuffix("_quantized")
        if base != name and f"{base}_scale" in stored:
            constants[name] = _dequantise(array, stored[f"{base}_scale"], stored.get(f"{base}_zero_point"), base)
            if base.endswith(".weight"):
                weights[base] = constants[name]
    for node in nodes:
        if node.operator == "DequantizeLinear" and all(name in stored for name in node.inputs[:2]):
            zero = stored.get(node.inputs[2]) if len(node.inputs) > 2 else None
            constants[node.outputs[0]] = _dequantise(stored[node.inputs[0]], stored[node.inputs[1]], zero, node.inputs[0])
            base = re.sub(r"_quantized$", "", node.inputs[0])
            if base.endswith((".weight", ".bias")):
                weights[base] = constants[node.outputs[0]]
        elif node.operator == "Identity" and node.inputs[0] in stored:
            constants[node.outputs[0]] = stored[node.inputs[0]]  # exporters share equal tensors this way
    for name, array in constants.items():
        if name.endswith((".weight", ".bias")) and array.dtype.kind == "f":
            weights.setdefault(name, array.astype("f4"))

    # Weights of linear layers, named by their bias or their path.
    for node in nodes:
        if node.operator not in ("MatMul", "MatMulInteger", "Gemm") or len(node.inputs) < 2:
            continue
        weight = constants.get(node.inputs[1])
        if weight is None or weight.ndim != 2:
            continue
        name = _bias_of(node, consumers, constants) or re.sub(
            r"\.(MatMul|Gemm)[^.]*$", "", node.name.strip("/").replace("/", ".")
        )
        matrix = weight if node.transposes_b else weight.T
        weights[f"{name}.weight"] = numpy.ascontiguousarray(matrix, dtype="f4")
    return weights


def _bias_of(node: _Node, consumers: dict[str, list[_Node]], constants: dict[str, numpy.ndarray]) -> str | None:
    """`bert.pooler.dense` for a product whose result, perhaps cast and rescaled, gets `bert.pooler.dense.bias` added."""
    if node.operator == "Gemm" and len(node.inputs) > 2 and node.inputs[2].endswith(".bias"):
        return node.inputs[2].removesuffix(".bias")
    output = node.outputs[0]
    for _ in range(4):
        following = consumers.get(output, [])
        if len(following) != 1:
            return None
        step = following[0]
        if step.operator == "Add":
            for name in step.inputs:
                base = re.sub(r"_(quantized|DequantizeLinear(_Output)?)$", "", name)
                if name in constants and base.endswith(".bias"):
                    return base.removesuffix(".bias")
            return None
        if step.operator not in ("Cast", "Mul"):
            return None
        output = step.outputs[0]
    return None
