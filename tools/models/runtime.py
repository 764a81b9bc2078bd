"""Running a converted model on token ids: what acceptance, comparison and measurement share."""

import pathlib

import numpy
import openvino
from tokenizers import Tokenizer


class Runner:
    """One compiled model and its tokenizer. `precision`: "f32" or "bf16"; one stream of `threads` threads."""

    def __init__(self, xml: pathlib.Path, tokenizer: pathlib.Path, max_tokens: int, precision: str = "f32", threads: int = 1):
        properties = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
        core = openvino.Core()
        self.compiled = core.compile_model(core.read_model(xml), "CPU", properties)
        self._request = self.compiled.create_infer_request()
        self._inputs = [port.get_any_name() for port in self.compiled.inputs]
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        # Pairs: the longer side is cut first, as sentence-transformers' CrossEncoder does.
        self._tokenizer.enable_truncation(max_tokens, strategy="longest_first")

    def encode(self, items: list) -> dict[str, numpy.ndarray]:
        """Inputs [B, S] i32 for texts, or pairs of texts, padded on the right to the longest."""
        encodings = [self._tokenizer.encode(*item) if isinstance(item, (tuple, list)) else self._tokenizer.encode(item) for item in items]
        length = max(len(e.ids) for e in encodings)
        columns = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
        return {
            name: numpy.array([getattr(e, columns[name]) + [0] * (length - len(e.ids)) for e in encodings], dtype=numpy.int32)
            for name in self._inputs
        }

    def infer(self, inputs: dict[str, numpy.ndarray]) -> numpy.ndarray:
        return self._request.infer(inputs)[0].copy()

    def run(self, items: list, batch: int = 16) -> numpy.ndarray:
        """Outputs in the order of `items`; batched by length so that little padding is computed."""
        order = sorted(range(len(items)), key=lambda i: sum(map(len, items[i])) if isinstance(items[i], (tuple, list)) else len(items[i]))
        results: list = [None] * len(items)
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            for index, row in zip(chosen, self.infer(self.encode([items[i] for i in chosen]))):
                results[index] = row
        return numpy.stack(results)
