#!/usr/bin/env python3
"""The reference side of tools/check-models: runs sentence-transformers in f32 on the same folder.

Needs torch and sentence-transformers, nothing of ours. Reads texts or pairs as JSON, writes a .npy.
"""

import json
import sys

import numpy


def main() -> int:
    folder, kind, items_file, output_file, threads = sys.argv[1:]
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer

    torch.set_num_threads(int(threads))
    with open(items_file, encoding="utf-8") as file:
        items = json.load(file)
    if kind == "cross-encoder":
        model = CrossEncoder(folder, device="cpu")
        # Identity: logits, whatever activation the folder's configuration asks for.
        result = model.predict([tuple(item) for item in items], batch_size=16, activation_fn=torch.nn.Identity(), show_progress_bar=False)
        result = numpy.asarray(result).reshape(-1, 1)
    else:
        model = SentenceTransformer(folder, device="cpu")
        result = model.encode(items, batch_size=16, convert_to_numpy=True, show_progress_bar=False)
    numpy.save(output_file, numpy.asarray(result, dtype="f4"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
