"""faiss's IVF with fast-scan product quantisation and refinement by the raw vectors, behind the protocol of dense_worker.py.

A parameter is [nprobe, k_factor]: lists that are searched, and candidates that are refined for each hit. Settings as its guidelines have them for
this size; of what was tried on 100,000 rows of real passages (docs/benchmarks.md), the fastest from recall .95 on.
"""

import dense_worker
import faiss
import numpy

faiss.omp_set_num_threads(1)


class Faiss:
    smallest = [1, 1]
    label = f"faiss {faiss.__version__} IVF-PQ"
    settings = ""

    def build(self, rows, options):
        """Trained on a part, ten iterations: 64 rows a list are within faiss's own bounds (39 to 256), and all of them take it half an hour."""
        lists = options.get("lists") or self.lists(len(rows))
        recipe = options.get("factory") or f"IVF{lists},PQ{rows.shape[1] // 2}x4fs,RFlat"
        self.dimension, self.lists_used = rows.shape[1], lists
        self.index = faiss.index_factory(rows.shape[1], recipe, faiss.METRIC_INNER_PRODUCT)
        clustering = faiss.extract_index_ivf(self.index).cp
        clustering.niter, clustering.max_points_per_centroid = 10, 64
        self.settings = f"{recipe}, inner product, 10 iterations over {clustering.max_points_per_centroid} rows a list"
        self.index.train(numpy.asarray(rows))
        for start in range(0, len(rows), 50_000):
            self.index.add(numpy.asarray(rows[start:start + 50_000]))

    def save(self, path):
        faiss.write_index(self.index, path)

    def load(self, path, rows):
        self.index = faiss.read_index(path)
        self.lists_used = faiss.extract_index_ivf(self.index).nlist

    @staticmethod
    def lists(rows):
        """Powers of two near four times the root."""
        return 1 << round((4 * rows**0.5)).bit_length() - 1

    def parts(self, rows):
        code = faiss.extract_index_ivf(self.index).code_size
        return {"vectors": rows * self.dimension * 4, "codes": rows * code, "ids": rows * 8, "lists": self.lists_used * self.dimension * 4}

    def set(self, parameter):
        lists, factor = parameter
        base = faiss.SearchParametersIVF(nprobe=min(lists, self.lists_used))
        self.parameters = faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=base)

    def search(self, queries, k):
        return self.index.search(queries, k, params=self.parameters)[1]


dense_worker.serve(Faiss())
