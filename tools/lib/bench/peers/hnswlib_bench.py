"""hnswlib behind the protocol of dense_worker.py; a parameter is `ef`. Inner product on rows of length 1, so nothing is normalised again."""

import importlib.metadata

import dense_worker
import hnswlib


class Hnswlib:
    smallest = 10
    label = f"hnswlib {importlib.metadata.version('hnswlib')}"
    settings = "M 16, efConstruction 200, inner product"

    def build(self, rows, options):
        self.index = hnswlib.Index(space="ip", dim=rows.shape[1])
        self.index.init_index(max_elements=len(rows), M=options.get("M", 16), ef_construction=options.get("ef_construction", 200), random_seed=100)
        self.index.set_num_threads(1)
        # In slices, since the binding copies what it is given.
        for start in range(0, len(rows), 10_000):
            self.index.add_items(rows[start:start + 10_000])

    def save(self, path):
        self.index.save_index(path)

    def load(self, path, rows):
        self.index = hnswlib.Index(space="ip", dim=rows.shape[1])
        self.index.load_index(path, max_elements=len(rows))
        self.index.set_num_threads(1)

    def parts(self, rows):
        vectors = rows * self.index.dim * 4
        return {"vectors": vectors, "graph": self.index.index_file_size() - vectors}

    def set(self, ef):
        self.index.set_ef(ef)

    def search(self, queries, k):
        return self.index.knn_query(queries, k, num_threads=1)[0]


dense_worker.serve(Hnswlib())
