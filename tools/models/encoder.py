"""Builds a BERT-like encoder as an OpenVINO graph.

Shapes: B = batch, S = sequence, H = hidden; B and S are dynamic. Inputs, all i32 [B, S] (the CPU plugin turns i64 into i32
on every call, so i32 is the cheaper choice): `input_ids`; `attention_mask`, 1 for tokens, 0 for padding on the right; and
`token_type_ids` where the model has types. Output, f32: `sentence_embedding` [B, dimension] or `logits` [B, 1].

Source: Devlin et al., "BERT", 2019; Liu et al., "RoBERTa", 2019; Clark et al., "ELECTRA", 2020; names as in Hugging Face's
`modeling_bert.py`. Deviations, which change no result beyond rounding:
1. Where only the first token's vector is used (cross-encoders, CLS pooling), the last layer computes queries, output and
   feed-forward for that token alone: 10/12 of that layer's products less, 7 % of a 12-layer model's.
2. RoBERTa's positions are counted from the left rather than from the ids that are not padding; with padding on the
   right these differ only where the mask is 0.
3. The scale of the scores, 1/√(head size), is multiplied into the query projection.
`save` stores the constants as f16 (error below 2⁻¹¹ of each weight): half the file, 45 MB less memory in use than f32.
"""

import pathlib

import numpy
import openvino
from openvino import opset13 as op

from errors import ModelError
from folder import Architecture, ModelDescription

# Added to masked scores. Small enough for f16 and bf16, and exp(−10 000) is 0 in every precision.
_MASKED = -10000.0


class Weights:
    """Tensors by PyTorch name without the model's prefix; remembers what was used."""

    _PREFIXES = ("bert.", "roberta.", "electra.", "model.", "0.auto_model.")

    def __init__(self, tensors: dict[str, numpy.ndarray], origin: str):
        self.origin = origin
        self._tensors: dict[str, numpy.ndarray] = {}
        for name, tensor in tensors.items():
            for prefix in self._PREFIXES:
                name = name.removeprefix(prefix)
            # Checkpoints that were once TensorFlow's.
            name = name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
            self._tensors[name] = tensor

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def take(self, name: str, *shape: int | None) -> numpy.ndarray:
        """The tensor as f32; `None` in `shape` accepts any length there."""
        tensor = self._tensors.get(name)
        if tensor is None:
            raise ModelError(f"{self.origin}: the weight {name!r} is missing; is this the architecture that config.json names?")
        if len(tensor.shape) != len(shape) or any(want not in (None, have) for want, have in zip(shape, tensor.shape)):
            raise ModelError(f"{self.origin}: the weight {name!r} has shape {list(tensor.shape)}, config.json implies {list(shape)}")
        tensor = numpy.asarray(tensor, dtype="f4")
        if not numpy.isfinite(tensor).all():
            raise ModelError(f"{self.origin}: the weight {name!r} holds values that are not finite; the file is damaged")
        return tensor


def _constant(array: numpy.ndarray):
    return op.constant(numpy.ascontiguousarray(array, dtype=numpy.float32))


def _linear(x, weights: Weights, name: str, outputs: int | None, inputs: int, scale: float = 1.0):
    """`scale · (x Wᵀ + b)`, the scale multiplied into W and b."""
    product = op.matmul(x, _constant(weights.take(f"{name}.weight", outputs, inputs) * scale), False, True)
    if f"{name}.bias" in weights:
        product = op.add(product, _constant(weights.take(f"{name}.bias", outputs) * scale))
    return product


def _activate(x, activation: str):
    if activation == "gelu":
        return op.gelu(x, "erf")
    if activation == "gelu_tanh":
        return op.gelu(x, "tanh")
    if activation == "relu":
        return op.relu(x)
    return op.swish(x)


def _layer_norm(x, weights: Weights, name: str, size: int, epsilon: float):
    # MVN with the scale and shift behind it is what the CPU plugin makes of a LayerNorm: one fused kernel.
    normal = op.mvn(x, op.constant(numpy.array([-1], dtype=numpy.int32)), True, epsilon, "inside_sqrt")
    scaled = op.multiply(normal, _constant(weights.take(f"{name}.weight", size)))
    return op.add(scaled, _constant(weights.take(f"{name}.bias", size)))


def _ints(*values: int):
    return op.constant(numpy.array(values, dtype=numpy.int32))


def _first_token(x):
    """[B, S, H] → [B, 1, H]"""
    return op.slice(x, _ints(0), _ints(1), _ints(1), _ints(1))


def _embeddings(shape: Architecture, weights: Weights, input_ids, token_type_ids):
    # Only ELECTRA's embeddings may be narrower than its layers.
    words = weights.take("embeddings.word_embeddings.weight", None, None if shape.family == "electra" else shape.hidden)
    size = words.shape[1]
    axis = op.constant(numpy.int32(0))
    x = op.gather(_constant(words), input_ids, axis)
    length = op.gather(op.shape_of(input_ids, "i32"), _ints(1), axis)
    offset = shape.position_offset
    table = weights.take("embeddings.position_embeddings.weight", shape.positions + offset, size)[offset:]
    if shape.token_types == 1 or (shape.token_types > 1 and token_type_ids is None):
        # A single type is a constant: it joins the positions.
        table = table + weights.take("embeddings.token_type_embeddings.weight", shape.token_types, size)[0]
    x = op.add(x, op.slice(_constant(table), _ints(0), length, _ints(1), _ints(0)))
    if token_type_ids is not None:
        types = _constant(weights.take("embeddings.token_type_embeddings.weight", shape.token_types, size))
        x = op.add(x, op.gather(types, token_type_ids, axis))
    x = _layer_norm(x, weights, "embeddings.LayerNorm", size, shape.epsilon)
    if size != shape.hidden:
        x = _linear(x, weights, "embeddings_project", shape.hidden, size)
    return x


def _attention(queries_from, x, bias, shape: Architecture, weights: Weights, name: str):
    """Multi-head attention. `queries_from`: [B, T, H], T = S or 1; `bias`: [B, 1, 1, S]; result [B, T, H]."""
    head = shape.hidden // shape.heads

    def heads(tensor, part, scale=1.0):
        projected = _linear(tensor, weights, f"{name}.self.{part}", shape.hidden, shape.hidden, scale)
        split = op.reshape(projected, _ints(0, 0, shape.heads, head), True)
        return op.transpose(split, _ints(0, 2, 1, 3))

    # Written out: the CPU plugin fuses this into one kernel. ScaledDotProductAttention ends in the same kernel with six more
    # transposes around it (2 to 3 % slower at 16 × 128, bf16); one product for all three projections gained nothing.
    q, k, v = heads(queries_from, "query", head**-0.5), heads(x, "key"), heads(x, "value")
    scores = op.add(op.matmul(q, k, False, True), bias)
    context = op.matmul(op.softmax(scores, -1), v, False, False)
    joined = op.reshape(op.transpose(context, _ints(0, 2, 1, 3)), _ints(0, 0, shape.hidden), True)
    return _linear(joined, weights, f"{name}.output.dense", shape.hidden, shape.hidden)


def _encoder(shape: Architecture, weights: Weights, inputs, first_token_only: bool):
    """Vectors of the last layer: [B, S, H], or [B, 1, H] if only the first token's is wanted."""
    if shape.hidden % shape.heads:
        raise ModelError(f"config.json: hidden_size {shape.hidden} is not a multiple of num_attention_heads {shape.heads}")
    x = _embeddings(shape, weights, inputs["input_ids"], inputs.get("token_type_ids"))
    mask = op.unsqueeze(op.convert(inputs["attention_mask"], "f32"), _ints(1, 2))
    bias = op.multiply(op.subtract(op.constant(numpy.float32(1)), mask), op.constant(numpy.float32(_MASKED)))
    for layer in range(shape.layers):
        name = f"encoder.layer.{layer}"
        kept = _first_token(x) if first_token_only and layer == shape.layers - 1 else x
        attended = _attention(kept, x, bias, shape, weights, f"{name}.attention")
        x = _layer_norm(op.add(attended, kept), weights, f"{name}.attention.output.LayerNorm", shape.hidden, shape.epsilon)
        inner = _activate(_linear(x, weights, f"{name}.intermediate.dense", None, shape.hidden), shape.activation)
        width = weights.take(f"{name}.output.dense.weight", shape.hidden, None).shape[1]
        outer = _linear(inner, weights, f"{name}.output.dense", shape.hidden, width)
        x = _layer_norm(op.add(outer, x), weights, f"{name}.output.LayerNorm", shape.hidden, shape.epsilon)
    return x


def _pool(x, attention_mask, pooling: str):
    """[B, S, H] → [B, H]. Padding counts in no pooling; an all-padding row gives zeros for mean."""
    if pooling == "cls":
        return op.squeeze(x, _ints(1))  # [B, 1, H]: the encoder kept the first token only
    mask = op.unsqueeze(op.convert(attention_mask, "f32"), _ints(2))
    if pooling == "max":
        hidden = op.multiply(op.subtract(op.constant(numpy.float32(1)), mask), op.constant(numpy.float32(_MASKED)))
        return op.reduce_max(op.add(x, hidden), _ints(1), False)
    total = op.reduce_sum(op.multiply(x, mask), _ints(1), False)
    # At least 1, against a division by zero where a row is all padding.
    count = op.maximum(op.reduce_sum(mask, _ints(1), False), op.constant(numpy.float32(1)))
    return op.divide(total, op.sqrt(count) if pooling == "mean_sqrt_len" else count)


def _classify(x, shape: Architecture, weights: Weights):
    """First token's vector [B, 1, H] → [B, 1], as Hugging Face's …ForSequenceClassification does it."""
    x = op.squeeze(x, _ints(1))
    if shape.family == "bert":
        x = op.tanh(_linear(x, weights, "pooler.dense", shape.hidden, shape.hidden))
        return _linear(x, weights, "classifier", 1, shape.hidden)
    x = _linear(x, weights, "classifier.dense", shape.hidden, shape.hidden)
    x = op.gelu(x, "erf") if shape.family == "electra" else op.tanh(x)
    return _linear(x, weights, "classifier.out_proj", 1, shape.hidden)


def build(model: ModelDescription, weights: Weights, dense: list[tuple[Weights, str]]) -> openvino.Model:
    """The graph of a bi-encoder or cross-encoder. `dense`: weights and activation of Dense modules after the pooling.

    Raises `ModelError` when a weight is missing or does not have the shape that the description implies.
    """
    shape = model.architecture
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if shape.token_types > 1 else [])
    inputs = {name: op.parameter([-1, -1], openvino.Type.i32, name=name) for name in names}
    for name, node in inputs.items():
        node.output(0).get_tensor().set_names({name})
    if model.kind == "cross-encoder":
        result = _classify(_encoder(shape, weights, inputs, True), shape, weights)
        output = "logits"
    else:
        x = _encoder(shape, weights, inputs, model.pooling == "cls")
        result = _pool(x, inputs["attention_mask"], model.pooling)
        for module, activation in dense:
            matrix = module.take("linear.weight", None, None)
            result = _linear(result, module, "linear", *matrix.shape)
            if activation == "Tanh":
                result = op.tanh(result)
        if model.normalize:
            result = op.normalize_l2(result, _ints(1), 1e-12, "max")
        output = "sentence_embedding"
    result.output(0).get_tensor().set_names({output})
    return openvino.Model([op.result(result, name=output)], list(inputs.values()), model.name)


def save(graph: openvino.Model, xml: pathlib.Path) -> None:
    """Writes `xml` and the .bin beside it. The runtime widens the f16 constants, or keeps them where that is faster."""
    openvino.save_model(graph, xml, compress_to_fp16=True)
