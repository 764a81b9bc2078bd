"""rabitqlib's SymphonyQG behind the protocol of dense_worker.py; a parameter is `ef`. Built as the library's documentation builds it for its own
benchmark: degree 32, ef_construction 200, PiPNN's start and one refinement, raw vectors."""

import importlib.metadata

import dense_worker
import numpy
import rabitqlib


class SymphonyQG:
    smallest = 10
    label = f"SymphonyQG (rabitqlib {importlib.metadata.version('rabitqlib')})"
    settings = "degree 32, ef_construction 200, init pipnn, raw vectors, inner product"

    def build(self, rows, options):
        self.index = rabitqlib.SymqgIndex(rows.shape[1], options.get("degree", 32), metric="ip", quantization_bits=options.get("bits", 0))
        self.index.build(numpy.asarray(rows), options.get("ef_construction", 200), 1, init=options.get("init", "pipnn"))

    def save(self, path):
        self.index.save(path)

    def load(self, path, rows):
        self.index = rabitqlib.SymqgIndex.load(path)

    def parts(self, rows):
        """As docs/index/qg.md of the library lays a row out; degree × (dimension / 8 bytes of code, 3 factors, an id)."""
        dimension = -(-self.index.dim // 32) * 32
        degree = self.index.max_degree
        return {"vectors": rows * dimension * 4, "neighbours' codes": rows * degree * (dimension // 8 + 12), "graph": rows * degree * 4}

    def set(self, ef):
        self.ef = ef

    def search(self, queries, k):
        return self.index.search_batch(queries, k, self.ef, 1)[0]


dense_worker.serve(SymphonyQG())
