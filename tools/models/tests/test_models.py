"""Tests of the converter: `<prefix>/lib/tandem/venv/bin/python3 -m unittest discover -s tools/models/tests`.

Method: tiny random encoders, computed twice: by the IR under OpenVINO in f32, and by a plain numpy forward pass written from the papers.
The seed is printed and can be given as TANDEM_TEST_SEED.
"""

import contextlib
import io
import json
import math
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import numpy

import convert
import manifest
from errors import ModelError
from onnx_weights import read_onnx_weights
from runtime import Runner
from tensors import read_safetensors, read_weights, write_safetensors

SEED = int(os.environ.get("TANDEM_TEST_SEED") or int.from_bytes(os.urandom(4), "little"))
print(f"TANDEM_TEST_SEED={SEED}", file=sys.stderr)
H, LAYERS, HEADS, INNER, POSITIONS = 24, 2, 3, 40, 64
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz0123456789", *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"), ",", ".", "?"]


def tokenizer_json() -> dict:
    special = {name: {"id": name, "ids": [WORDS.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    token = lambda name, kind: {"SpecialToken": {"id": name, "type_id": kind}}
    text = lambda name, kind: {"Sequence": {"id": name, "type_id": kind}}
    single = [token("[CLS]", 0), text("A", 0), token("[SEP]", 0)]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": single, "pair": single + [text("B", 1), token("[SEP]", 1)], "special_tokens": special},
        "decoder": None,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {w: i for i, w in enumerate(WORDS)}},
    }


def random_weights(random, classifier: bool, prefix: str = "") -> dict[str, numpy.ndarray]:
    w = {}

    def add(name, *shape, centre=0.0, spread=0.3):
        w[prefix + name] = (centre + spread * random.standard_normal(shape)).astype("f4")

    add("embeddings.word_embeddings.weight", len(WORDS), H, spread=1)
    add("embeddings.position_embeddings.weight", POSITIONS, H)
    add("embeddings.token_type_embeddings.weight", 2, H)

    def norm(name):
        add(f"{name}.weight", H, centre=1, spread=0.1)
        add(f"{name}.bias", H, spread=0.1)

    def linear(name, outputs, inputs):
        add(f"{name}.weight", outputs, inputs)
        add(f"{name}.bias", outputs, spread=0.1)

    norm("embeddings.LayerNorm")
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}"
        for part in ("query", "key", "value"):
            linear(f"{layer}.attention.self.{part}", H, H)
        linear(f"{layer}.attention.output.dense", H, H)
        norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", INNER, H)
        linear(f"{layer}.output.dense", H, INNER)
        norm(f"{layer}.output.LayerNorm")
    if classifier:
        linear("pooler.dense", H, H)
        for part, size in (("weight", (1, H)), ("bias", (1,))):
            w[f"classifier.{part}"] = random.standard_normal(size).astype("f4")
    return w


def reference(w, prefix, ids, types):
    """Last layer's vectors [S, H] of one sequence without padding, in double precision."""
    get = lambda name: w[prefix + name].astype("f8")
    linear = lambda x, name: x @ get(f"{name}.weight").T + get(f"{name}.bias")

    def norm(x, name):
        x = (x - x.mean(-1, keepdims=True)) / numpy.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return x * get(f"{name}.weight") + get(f"{name}.bias")

    erf = numpy.vectorize(math.erf)
    x = get("embeddings.word_embeddings.weight")[ids] + get("embeddings.position_embeddings.weight")[: len(ids)]
    x = norm(x + get("embeddings.token_type_embeddings.weight")[types], "embeddings.LayerNorm")
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}"
        q, k, v = (linear(x, f"{layer}.attention.self.{part}").reshape(len(ids), HEADS, -1).transpose(1, 0, 2) for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(H // HEADS)
        scores = numpy.exp(scores - scores.max(-1, keepdims=True))
        context = (scores / scores.sum(-1, keepdims=True)) @ v
        x = norm(x + linear(context.transpose(1, 0, 2).reshape(len(ids), H), f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm")
        inner = linear(x, f"{layer}.intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        x = norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return x


# A protobuf writer as small as the reader needs: enough to make ONNX files.
def varint(n):
    out = b""
    while n > 0x7F:
        out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def onnx_tensor(name, array):
    types = {"f4": 1, "u1": 2, "i1": 3}
    dims = b"".join(field(1, d) for d in array.shape)
    return field(5, dims + field(2, types[array.dtype.str[1:]]) + field(8, name) + field(9, array.tobytes()))


def onnx_node(operator, inputs, outputs, name=""):
    return field(1, b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + field(3, name) + field(4, operator))


def quantise(matrix, per_column):
    """u8 with scale and zero point, as onnxruntime's dynamic quantisation stores it."""
    low, high = (matrix.min(0), matrix.max(0)) if per_column else (matrix.min(), matrix.max())
    scale = ((numpy.maximum(high, 0) - numpy.minimum(low, 0)) / 255).astype("f4")
    zero = numpy.round(-numpy.minimum(low, 0) / scale).astype("u1")
    return numpy.clip(numpy.round(matrix / scale + zero.astype("f4")), 0, 255).astype("u1"), scale, zero


def write_onnx(path, weights, int8, per_column=False):
    """The weights as an exporter leaves them: linear ones anonymous, transposed, named by their bias only."""
    graph, effective = b"", {}
    for index, (name, array) in enumerate(weights.items()):
        base = name.removesuffix(".weight")
        is_linear = array.ndim == 2 and f"{base}.bias" in weights
        stored = f"onnx::MatMul_{index}" if is_linear else name
        matrix = numpy.ascontiguousarray(array.T) if is_linear else array
        if int8 and array.ndim == 2:
            q, scale, zero = quantise(matrix, per_column and is_linear)
            graph += onnx_tensor(f"{stored}_quantized", q) + onnx_tensor(f"{stored}_scale", numpy.asarray(scale)) + onnx_tensor(f"{stored}_zero_point", numpy.asarray(zero))
            matrix = (q.astype("f4") - zero.astype("f4")) * scale
        else:
            graph += onnx_tensor(stored, matrix)
        effective[name] = matrix.T if is_linear else matrix
        if is_linear and int8:
            graph += onnx_node("MatMulInteger", [f"x{index}", f"{stored}_quantized"], [f"p{index}"])
            graph += onnx_node("Cast", [f"p{index}"], [f"c{index}"]) + onnx_node("Mul", [f"c{index}", "s"], [f"m{index}"])
            graph += onnx_node("Add", [f"m{index}", f"{base}.bias"], [f"y{index}"])
        elif is_linear:
            graph += onnx_node("MatMul", [f"x{index}", stored], [f"p{index}"]) + onnx_node("Add", [f"{base}.bias", f"p{index}"], [f"y{index}"])
    path.write_bytes(field(1, 8) + field(7, graph))
    return effective


class ModelTests(unittest.TestCase):
    def setUp(self):
        self.random = numpy.random.default_rng(SEED)
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        self.source = self.root / "source"
        self.source.mkdir()
        quiet = contextlib.redirect_stderr(io.StringIO())
        quiet.__enter__()
        self.addCleanup(quiet.__exit__, None, None, None)

    def folder(self, classifier=False, **config):
        values = {
            "model_type": "bert", "architectures": ["BertForSequenceClassification" if classifier else "BertModel"], "hidden_size": H, "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS, "intermediate_size": INNER, "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "num_labels": 1,
        } | config
        (self.source / "config.json").write_text(json.dumps(values))
        (self.source / "tokenizer.json").write_text(json.dumps(tokenizer_json()))

    def outputs(self, items, **options):
        into = self.root / "models" / "tiny"
        convert.convert(self.source, into, replace=True, **options)
        runner = Runner(into / "openvino" / "model.xml", into / "tokenizer.json", manifest.check(into, hashes=True)["max_tokens"])
        encoded = [runner.encode([item]) for item in items]
        return runner.run(items), [(e["input_ids"][0], e["token_type_ids"][0]) for e in encoded]

    def test_bi_encoder_equals_the_papers_for_every_pooling(self):
        self.folder()
        w = random_weights(self.random, False)
        write_safetensors(self.source / "model.safetensors", w)
        poolings = {
            "mean": lambda x: x.mean(0), "cls": lambda x: x[0], "max": lambda x: x.max(0), "mean_sqrt_len": lambda x: x.sum(0) / math.sqrt(len(x)),
        }
        items = ["a", "abc def, 42?", "the quick brown fox jumps over the lazy dog"]
        for pooling, pool in poolings.items():
            for normalize in (True, False):
                with self.subTest(pooling=pooling, normalize=normalize):
                    got, sequences = self.outputs(items, pooling=pooling, normalize=normalize)
                    for row, (ids, types) in zip(got, sequences):
                        want = pool(reference(w, "", ids, types))
                        want = want / numpy.linalg.norm(want) if normalize else want
                        # f16 weights: 2^-11 each, through two layers.
                        self.assertLess(numpy.abs(row - want).max(), 5e-3 * max(1, numpy.abs(want).max()))

    def test_cross_encoder_equals_the_paper_from_safetensors_and_onnx(self):
        self.folder(classifier=True)
        w = random_weights(self.random, True, "bert.")
        items = [("abc?", "a b c."), ("why", "the long answer, 123, of several words"), ("x", "y")]
        for source in ("safetensors", "onnx f32", "onnx int8", "onnx int8 per column"):
            with self.subTest(source=source):
                for old in self.source.glob("model.*"):
                    old.unlink()
                effective = w
                if source == "safetensors":
                    write_safetensors(self.source / "model.safetensors", w)
                else:
                    effective = write_onnx(self.source / "model.onnx", w, "int8" in source, "column" in source)
                got, sequences = self.outputs(items)
                for row, (ids, types) in zip(got, sequences):
                    first = reference(effective, "bert.", ids, types)[0]
                    pooled = numpy.tanh(first @ effective["bert.pooler.dense.weight"].T + effective["bert.pooler.dense.bias"])
                    want = pooled @ effective["classifier.weight"].T + effective["classifier.bias"]
                    # f16 weights: 2^-11 each, through two layers, the pooler and a classifier whose weights are of size 1: .023 was seen.
                    self.assertAlmostEqual(float(row[0]), float(want[0]), delta=0.06)

    def test_dequantised_onnx_weights_keep_name_shape_and_value(self):
        w = random_weights(self.random, True, "bert.")
        for int8, per_column in ((False, False), (True, False), (True, True)):
            effective = write_onnx(self.source / "model.onnx", w, int8, per_column)
            read = read_onnx_weights(self.source / "model.onnx")
            self.assertEqual(set(read), set(w))
            for name, array in effective.items():
                numpy.testing.assert_allclose(read[name], array, atol=1e-6)

    def test_safetensors_survive_a_round_trip_and_damage_is_named(self):
        w = random_weights(self.random, False)
        path = self.source / "model.safetensors"
        write_safetensors(path, w)
        for name, array in read_safetensors(path).items():
            numpy.testing.assert_array_equal(array, w[name])
        whole = path.read_bytes()
        for damaged in (whole[:4], whole[:100], whole[:-1], b"\xff" * 8 + whole[8:]):
            path.write_bytes(damaged)
            with self.assertRaises(ModelError):
                read_safetensors(path)

    def test_a_damaged_onnx_file_is_an_error_at_every_length(self):
        path = self.source / "model.onnx"
        write_onnx(path, {"bert.pooler.dense.weight": numpy.ones((3, 3), "f4"), "bert.pooler.dense.bias": numpy.ones(3, "f4")}, True)
        whole = path.read_bytes()
        for length in range(1, len(whole)):
            path.write_bytes(whole[:length])
            with self.assertRaises(ModelError):
                read_onnx_weights(path)

    def test_flipped_bytes_give_an_error_or_an_answer_never_another_exception(self):
        w = {"bert.pooler.dense.weight": numpy.ones((3, 3), "f4"), "bert.pooler.dense.bias": numpy.ones(3, "f4")}
        onnx, safetensors = self.source / "model.onnx", self.source / "model.safetensors"
        write_onnx(onnx, w, True)
        write_safetensors(safetensors, w)
        for path, read in ((onnx, read_onnx_weights), (safetensors, read_safetensors)):
            whole = path.read_bytes()
            for _ in range(500):
                damaged = bytearray(whole)
                damaged[self.random.integers(len(whole))] ^= 1 << int(self.random.integers(8))
                path.write_bytes(damaged)
                with contextlib.suppress(ModelError):
                    read(path)

    def test_what_is_not_supported_is_refused_by_name_and_leaves_nothing(self):
        w = random_weights(self.random, False)
        cases = [
            ({"model_type": "deberta-v2"}, {}, "deberta-v2"), ({"hidden_act": "mish"}, {}, "mish"), ({"position_embedding_type": "relative_key"}, {}, "relative_key"),
            ({}, {"pooling": None}, "pooling"), ({"architectures": ["BertForSequenceClassification"], "num_labels": 3}, {}, "3 labels"),
            ({"num_hidden_layers": 3}, {}, "encoder.layer.2"), ({"hidden_size": 48}, {}, "word_embeddings"), ({"num_hidden_layers": "many"}, {}, "JSON"), ({"num_attention_heads": 5}, {}, "num_attention_heads"),
        ]
        write_safetensors(self.source / "model.safetensors", w)
        for config, options, message in cases:
            with self.subTest(config=config, options=options):
                self.folder(**config)
                with self.assertRaisesRegex(ModelError, message):
                    convert.convert(self.source, self.root / "models" / "bad", **({"pooling": "mean"} | options))
                self.assertEqual(list((self.root / "models").glob("*")) if (self.root / "models").exists() else [], [])

    def test_weights_that_are_not_finite_are_refused(self):
        self.folder()
        w = random_weights(self.random, False)
        w["encoder.layer.1.output.dense.bias"][3] = float("nan")
        write_safetensors(self.source / "model.safetensors", w)
        with self.assertRaisesRegex(ModelError, "encoder.layer.1.output.dense.bias"):
            convert.convert(self.source, self.root / "models" / "bad", pooling="mean")

    def test_a_missing_check_value_stops_the_conversion(self):
        self.folder()
        write_safetensors(self.source / "model.safetensors", random_weights(self.random, False))
        with self.assertRaisesRegex(ModelError, "expected 2.000"):
            convert.convert(self.source, self.root / "models" / "m", pooling="mean", checks=[{"a": "a", "b": "b", "value": 2.0, "tolerance": 0.1}])
        self.assertEqual(list((self.root / "models").glob("*")), [])

    def test_an_existing_folder_is_replaced_only_when_asked(self):
        self.folder()
        write_safetensors(self.source / "model.safetensors", random_weights(self.random, False))
        into = self.root / "models" / "m"
        convert.convert(self.source, into, pooling="mean")
        with self.assertRaisesRegex(ModelError, "exists already"):
            convert.convert(self.source, into, pooling="mean")
        convert.convert(into, into, replace=True)  # in place: pooling is known from the files written before
        self.assertEqual(manifest.check(into, hashes=True)["pooling"], "mean")
        (into / "tokenizer.json").write_text("{}")
        with self.assertRaisesRegex(ModelError, "tokenizer.json"):
            manifest.check(into, hashes=False)

    def test_no_weights_is_an_error_that_says_what_to_do(self):
        self.folder()
        (self.source / "pytorch_model.bin").write_bytes(b"x")
        with self.assertRaisesRegex(ModelError, "pytorch_model.bin"):
            read_weights(self.source)


if __name__ == "__main__":
    unittest.main()
