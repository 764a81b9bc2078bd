"""tools/bench-analysis's own table and command line: on values written here. The program that measures is not started."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import analysis_benchmark, analysis_report  # noqa: E402
from bench.daemon import MeasurementError  # noqa: E402


def forms(speed, joined, terms, allocations):
    return {"megabytesPerSecond": speed, "megabytesPerSecondJoined": joined, "terms": terms, "allocationsPerWord": allocations, "digest": "1f"}


def result(differences=0):
    return {
        "passes": 3, "machine": "a machine", "others_share": 0.01,
        "languages": {"de": {"texts": 2, "bytes": 218_278, "words": 1000, "surface": forms(174.71, 181.9, 1000, 0), "every": forms(56.66, 77.2, 2340, 0.0441)}},
        "agreement": {"seed": 7, "texts": 1000, "real": 500, "bytes": 50_000, "tokens": 9000, "differences": differences}}


class Table(unittest.TestCase):
    def test_a_row_has_speed_of_both_kinds_of_text_and_terms_by_the_word(self):
        lines = analysis_report.markdown(result()).splitlines()
        self.assertEqual([cell.strip() for cell in lines[2].strip("|").split("|")],
                         ["de", "218.28 kB", "1,000", "175", "182", "56.7", "77.2", "2.34", "0.000 / 0.044"])

    def test_it_says_how_many_texts_were_compared_and_with_what_seed(self):
        text = analysis_report.markdown(result())
        self.assertIn("1,000 texts compared", text)
        self.assertIn("seed 7), no difference.", text)
        self.assertIn("**3 differ**", analysis_report.markdown(result(3)))

    def test_without_times_or_without_comparison_that_part_is_left_out(self):
        self.assertNotIn("compared", analysis_report.markdown(result() | {"agreement": None}))
        self.assertNotIn("|", analysis_report.markdown(result() | {"languages": {}}))

    def test_a_difference_fails_the_run(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertTrue(analysis_report.check(result()))
            self.assertTrue(analysis_report.check(result() | {"agreement": None}))
            self.assertFalse(analysis_report.check(result(1)))


class CommandLine(unittest.TestCase):
    def test_options_reach_the_program(self):
        options = analysis_benchmark.arguments(["--passes", "3", "--rounds", "2", "--agreement", "5", "--seed", "9", "--languages", "de,zh"])
        words = analysis_benchmark.command(types.SimpleNamespace(binaries=pathlib.Path("bin")), options, "data", ["more"])
        self.assertEqual(words, ["bin/bench-analysis", "data", "--passes", "3", "--rounds", "2", "--agreement", "5", "--seed", "9", "--languages", "de,zh", "--also", "more"])

    def test_a_run_without_work_and_negative_numbers_are_refused(self):
        for line in (["--passes", "0", "--agreement", "0"], ["--passes", "-1"], ["--rounds", "0"], ["--agreement", "-1"]):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                analysis_benchmark.arguments(line)

    def test_a_folder_without_a_corpus_is_named(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(MeasurementError, "no corpus.jsonl"):
            analysis_benchmark.collection(None, types.SimpleNamespace(xquad=pathlib.Path(folder)))


class Program(unittest.TestCase):
    def test_figures_are_taken_from_a_program_that_ends_with_1_too(self):
        self.assertEqual(analysis_benchmark.measured(["sh", "-c", f"echo '{json.dumps(result(2))}'; exit 1"]), result(2))

    def test_a_program_without_figures_is_an_error_that_names_it(self):
        with self.assertRaisesRegex(MeasurementError, "sh ended with 3"):
            analysis_benchmark.measured(["sh", "-c", "exit 3"])


if __name__ == "__main__":
    unittest.main()
