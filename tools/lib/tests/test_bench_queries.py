"""tools/bench-queries's own table, bound and command line: on values written here. The program that measures is not started."""

import contextlib
import io
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import queries_benchmark  # noqa: E402


def result(ratio):
    cost = {"mean": 50.4, "p50": 48, "p99": 90.2, "stages": {"analyze": 12.4}}
    default = {"mean": 50.4 * ratio, "p50": 90, "p99": 200.7, "stages": {"analyze": 31}}
    return {"machine": "a machine", "others_share": 0.01, "collections": {"x": {"documents": 2880, "queries": 14280, "ratio": ratio, "costs": {"surface": cost, "default": default}}}}


class Queries(unittest.TestCase):
    def test_a_row_has_both_costs_and_their_ratio(self):
        lines = queries_benchmark.markdown(result(1.75)).splitlines()
        self.assertEqual([cell.strip() for cell in lines[2].strip("|").split("|")], ["x", "2,880", "14,280", "50 / 90", "88 / 201", "1.75", "31", "12"])

    def test_growth_is_shown_where_documents_name_their_languages(self):
        self.assertNotIn("growth", queries_benchmark.markdown(result(1.5)))
        with_bytes = result(1.5)
        with_bytes["collections"]["x"]["indexBytes"] = {"de": {"surface": 2_000_000, "default": 3_500_000}, "ar": {"surface": 1_000_000, "default": 1_100_000}}
        lines = queries_benchmark.markdown(with_bytes).splitlines()
        self.assertEqual([cell.strip() for cell in next(line for line in lines if "growth" in line).strip("|").split("|")], ["growth", "1.10 x", "1.75 x"])

    def test_a_ratio_above_the_bound_is_a_failure(self):
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            self.assertTrue(queries_benchmark.check(result(2.0), 2.0))
            self.assertFalse(queries_benchmark.check(result(2.01), 2.0))
            self.assertTrue(queries_benchmark.check(result(2.01), 2.1))

    def test_wrong_options_are_refused(self):
        for words in (["--passes", "0"], ["--collections", ","]):
            with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as ended:
                queries_benchmark.arguments(words)
            self.assertEqual(ended.exception.code, 2)
        self.assertEqual(queries_benchmark.arguments([]).collections, ["xquad", "scifact", "tldr_en"])


if __name__ == "__main__":
    unittest.main()
