"""The measuring tools' own arithmetic and files: on values written here."""

import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import collections_benchmark, console, dense_reference, report, workload  # noqa: E402


class Report(unittest.TestCase):
    def page(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "page.md"
        path.write_text(text)
        return path

    def test_block_is_replaced_and_the_rest_stays(self):
        path = self.page("a\n<!-- x -->\nold\n<!-- /x -->\nb\n")
        self.assertTrue(report.write_block(path, "x", "new\n"))
        self.assertTrue(report.write_block(path, "x", "newer"))
        self.assertEqual(path.read_text(), "a\n<!-- x -->\nnewer\n<!-- /x -->\nb\n")

    def test_the_same_marker_may_stand_on_both_sides(self):
        path = self.page("<!-- results -->\nold\n<!-- results -->\nb")
        self.assertTrue(report.write_block(path, "results", "new"))
        self.assertEqual(path.read_text(), "<!-- results -->\nnew\n<!-- results -->\nb")

    def test_a_missing_end_is_added(self):
        path = self.page("a\n<!-- results -->\n\n## Next\n")
        for body in ("old", "new"):
            self.assertTrue(report.write_block(path, "results", body))
            self.assertEqual(path.read_text(), f"a\n<!-- results -->\n{body}\n<!-- /results -->\n\n## Next\n")

    def test_a_page_without_markers_is_left_alone(self):
        for text in ("nothing", "<!-- y -->", "<!-- /x -->"):
            path = self.page(text)
            self.assertFalse(report.write_block(path, "x", "new"))
            self.assertEqual(path.read_text(), text)
        self.assertFalse(report.write_block("/nonexistent/page.md", "x", "new"))

    def test_columns_are_aligned(self):
        self.assertEqual(console.table(["a", "bb"], [("ccc", 1)]), "| a   | bb |\n|-----|---:|\n| ccc |  1 |")


class Reference(unittest.TestCase):
    def test_ndcg_with_linear_gain(self):
        self.assertEqual(dense_reference.ndcg(["a", "b"], {"a": 1}), 1)
        self.assertAlmostEqual(dense_reference.ndcg(["b", "a"], {"a": 1}), 0.6309297535714575)
        self.assertAlmostEqual(dense_reference.ndcg(["x", "a", "b"], {"a": 1, "b": 2}), (0.6309297535714575 + 1) / (2 + 0.6309297535714575))
        self.assertEqual(dense_reference.ndcg(["x"] * 10 + ["a"], {"a": 1}), 0)


class Workload(unittest.TestCase):
    def test_own_generator_repeats_itself_and_is_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            first = workload.prepare(folder + "/1", 300, 5)
            second = workload.prepare(folder + "/2", 300, 5)
            self.assertEqual(first.corpus.read_bytes(), second.corpus.read_bytes())
            self.assertEqual(first.queries("mix").read_text(), second.queries("mix").read_text())
            documents = [json.loads(line) for line in first.corpus.read_text().splitlines()]
            self.assertEqual(len({d["_id"] for d in documents}), 300)
            words = {w for d in documents for w in d["text"].split()}
            queries = first.queries("mix").read_text().splitlines()
            self.assertEqual(len(queries), 1000)
            self.assertTrue(all(w in words for q in queries for w in q.split()))
            written = first.corpus.stat().st_mtime_ns
            self.assertEqual(workload.prepare(folder + "/1", 300, 5).corpus.stat().st_mtime_ns, written)


class Tables(unittest.TestCase):
    def entry(self):
        def values(ndcg, n):
            return {"ndcg@10": ndcg, "mrr@10": 0.5, "recall@100": 0.9, "queries": n, "seconds": 1.0}

        hybrid = values(0.7, 300) | {"languages": {"de": values(0.6, 100), "en": values(0.75, 200)}}
        return {"all": {"hybrid": hybrid, "lexical": values(0.66, 300)}, "sample": {"hybrid": values(0.7, 50), "reranked": values(0.69, 50)}, "import": {}}

    def test_languages_have_rows_of_their_own(self):
        text = collections_benchmark.table_of_quality({"scifact": self.entry()})
        self.assertIn("· de", text)
        self.assertIn("0.750", text)
        self.assertEqual(len(text.splitlines()), 5)

    def test_bounds_missed_are_named(self):
        found = {name: holds for name, holds, _ in collections_benchmark.checks({"scifact": self.entry()}, {})}
        self.assertEqual(found, {"scifact, lexical": False, "scifact, hybrid": False, "scifact, reranked not below hybrid": False})


if __name__ == "__main__":
    unittest.main()
