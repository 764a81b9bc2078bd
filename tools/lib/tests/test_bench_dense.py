"""tools/bench-dense's own arithmetic, its engines' protocol and its turns: on values written here and engines that are small programs.

What needs an index library is not started.
"""

import contextlib
import importlib.util
import io
import json
import math
import pathlib
import sys
import tempfile
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import dense_benchmark, dense_curves, dense_engines, dense_report, dense_vectors  # noqa: E402
from bench.daemon import MeasurementError  # noqa: E402

# An engine whose recall is its parameter and whose time is a hundred times that; it writes down what it is asked, and what it is to keep. Its
# first argument says how it fails, its second where it writes.
FAKE = '''
import json, os, sys, time
how, journal = sys.argv[1], open(sys.argv[2], "a")
for line in sys.stdin:
    request = json.loads(line)
    journal.write(json.dumps([os.path.basename(request.get("kept", "")), request["do"], request.get("parameter")]) + "\\n")
    journal.flush()
    if request["do"] == "quit":
        break
    if how == request["do"] + "-ends":
        sys.stderr.write("out of paper\\n")
        sys.exit(3)
    if how == request["do"] + "-sleeps":
        time.sleep(60)
    if how == request["do"] + "-babbles":
        print("hello", flush=True)
    elif how == request["do"] + "-refuses":
        print(json.dumps({"error": "no such parameter"}), flush=True)
    elif request["do"] == "build":
        print(json.dumps({"cpu_s": 2.0, "wall_s": 2.5, "bytes": 1000000, "parts": {"codes": 700000}, "label": how}), flush=True)
    else:
        open(request["ids_to"], "w").write(str(request["parameter"]))
        us = 100 * request["parameter"]
        print(json.dumps({"mean_us": us + 1, "p50_us": us, "p99_us": 3 * us, "cpu_us": us}), flush=True)
'''


class Judge:
    """Takes what the fake engine wrote for the recall."""

    def ask(self, request):
        return {"recall": float(pathlib.Path(request["ids"]).read_text())}


def points(*pairs, rounds=None):
    return [
        {"parameter": recall, "recall": recall, "cpu_us": us, "mean_us": us, "p50_us": us, "p99_us": 3 * us, "rounds": rounds or [us]} for recall, us in pairs]


class Curves(unittest.TestCase):
    def test_between_two_points_the_logarithm_is_linear(self):
        curve = points((0.94, 100.0), (0.98, 400.0))
        self.assertAlmostEqual(dense_curves.at(curve, 0.96), 200)
        self.assertAlmostEqual(dense_curves.at(curve, 0.95), 100 * math.sqrt(2))
        self.assertEqual(dense_curves.at(curve, 0.98), 400)
        self.assertAlmostEqual(dense_curves.at(curve, 0.96, "p99_us"), 600)

    def test_above_the_curve_is_nothing_and_below_it_the_fastest_point(self):
        curve = points((0.94, 100.0), (0.98, 400.0))
        self.assertIsNone(dense_curves.at(curve, 0.981))
        self.assertEqual(dense_curves.at(curve, 0.5), 100)
        self.assertTrue(dense_curves.is_below(curve, 0.93))
        self.assertFalse(dense_curves.is_below(curve, 0.94))

    def test_a_point_that_another_beats_in_both_is_left_out(self):
        curve = points((0.94, 100.0), (0.95, 500.0), (0.98, 400.0), (0.98, 450.0))
        self.assertEqual([p["recall"] for p in dense_curves.frontier(curve)], [0.94, 0.98])
        self.assertAlmostEqual(dense_curves.at(curve, 0.96), 200)

    def test_a_sweep_keeps_one_point_below_and_ends_with_the_first_above(self):
        asked = []

        def recall_of(parameter):
            asked.append(parameter)
            return parameter

        found = dense_curves.explore([0.7, 0.8, 0.88, 0.93, 0.98, 0.996, 0.999, 1.0], recall_of)
        self.assertEqual([recall for _, recall in found], [0.88, 0.93, 0.98, 0.996])
        self.assertEqual(asked[-1], 0.996)

    def test_a_sweep_that_gains_nothing_more_ends_and_one_that_starts_high_is_kept_whole(self):
        # The fifth reaches what can be had, and three more gain nothing.
        self.assertEqual(len(dense_curves.explore(range(20), lambda parameter: min(0.97, 0.9 + 0.02 * parameter))), 8)
        self.assertEqual([p for p, _ in dense_curves.explore([1, 2], lambda parameter: 0.95 + parameter / 100)], [1, 2])

    def test_medians_over_rounds(self):
        rounds = [{"cpu_us": us, "mean_us": us, "p50_us": us, "p99_us": 2 * us} for us in (3.0, 1.0, 2.0)]
        found = dense_curves.point(7, 0.95, rounds)
        self.assertEqual((found["cpu_us"], found["p99_us"], found["rounds"], found["parameter"]), (2.0, 4.0, [3.0, 1.0, 2.0], 7))

    def test_ratios_are_taken_within_a_round(self):
        # The host is three times as slow in the second round.
        ours = [{**p, "rounds": [p["cpu_us"], 3 * p["cpu_us"], p["cpu_us"]]} for p in points((0.94, 100.0), (0.98, 400.0))]
        theirs = [{**p, "rounds": [p["cpu_us"], 3 * p["cpu_us"], 9 * p["cpu_us"]]} for p in points((0.94, 200.0), (0.98, 800.0))]
        self.assertAlmostEqual(dense_curves.round_ratio(ours, theirs, 0.95), 2)
        self.assertIsNone(dense_curves.round_ratio(ours, theirs, 0.99))


class Engines(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.program = self.folder / "fake.py"
        self.program.write_text(FAKE)
        errors = contextlib.redirect_stderr(io.StringIO())
        errors.__enter__()
        self.addCleanup(errors.__exit__, None, None, None)

    def worker(self, how, seconds=20):
        return dense_engines.Worker("fake", [sys.executable, self.program, how, self.folder / "journal"], self.folder / "log", seconds)

    def engine(self, key, how="good", parameters=(0.92, 0.96, 0.99)):
        return dense_engines.Engine(key, (sys.executable, str(self.program), how, str(self.folder / key)), parameters, build="1" if key == "faiss" else "")

    def size(self, *engines, rounds=2, builds=1):
        options = types.SimpleNamespace(seconds=20, metric="cosine", builds=builds, rounds=rounds, keep=True)
        size = dense_benchmark.Size(engines, Judge(), self.folder / "vectors.npy", 10_000, 100, self.folder, options)
        return size, size.measure()

    def asked(self, key):
        return [json.loads(line)[1:] for line in (self.folder / key).read_text().splitlines()]

    def test_a_worker_answers_and_is_told_to_quit(self):
        with self.worker("good") as worker:
            self.assertEqual(worker.ask({"do": "build"})["cpu_s"], 2)
        self.assertEqual(worker.process.returncode, 0)
        self.assertEqual(self.asked("journal")[-1][0], "quit")

    def test_what_goes_wrong_names_the_engine_and_what_it_said(self):
        for how, said in {
            "build-ends": "fake: it ended with 3 instead of answering 'build'\nout of paper", "build-refuses": "fake: 'build': no such parameter",
            "build-babbles": "fake: its answer to 'build' is no JSON: hello"}.items():
            with self.subTest(how), self.worker(how) as worker, self.assertRaises(dense_engines.EngineError) as caught:
                worker.ask({"do": "build"})
            self.assertEqual(str(caught.exception), said)

    def test_a_worker_that_takes_too_long_is_ended(self):
        with self.worker("build-sleeps", seconds=0.2) as worker, self.assertRaisesRegex(dense_engines.EngineError, "within 0.2 s.*--seconds"):
            worker.ask({"do": "build"})
        self.assertLess(worker.process.returncode, 0)

    def test_engines_take_turns_within_a_round_and_another_begins_the_next(self):
        _, found = self.size(self.engine("a"), self.engine("b"))
        self.assertEqual(list(found), ["a", "b"])
        swept = [["search", parameter] for parameter in (0.92, 0.96, 0.99)]
        self.assertEqual(self.asked("a"), [["build", None], *swept, *swept, *swept, ["quit", None]])
        self.assertEqual([p["rounds"] for p in found["a"]["points"]], [[100 * p] * 2 for p in (0.92, 0.96, 0.99)])
        self.assertEqual(found["a"]["build"], {"cpu_s": 2.0, "wall_s": 2.5, "bytes": 1000000, "parts": {"codes": 700000}})
        self.assertEqual(found["a"]["label"], "good")

    def test_an_engine_that_fails_leaves_the_others_alone(self):
        for how in ("build-ends", "search-ends", "search-refuses"):
            with self.subTest(how):
                size, found = self.size(self.engine("bad", how), self.engine("good"))
                self.assertEqual((list(found), list(size.failed)), (["good"], ["bad"]))
                self.assertEqual(len(found["good"]["points"]), 3)

    def test_indexes_of_peers_are_kept_by_size_and_tandems_are_not(self):
        self.size(self.engine("tandem"), self.engine("faiss"))
        named = {key: json.loads((self.folder / key).read_text().splitlines()[0])[0] for key in ("tandem", "faiss")}
        self.assertEqual(named, {"tandem": "", "faiss": "index-10000-faiss-1"})

    def test_builds_may_go_side_by_side(self):
        _, found = self.size(self.engine("a"), self.engine("b"), self.engine("c"), builds=2)
        self.assertEqual(list(found), ["a", "b", "c"])

    def test_the_table_has_all_names_and_says_how_each_starts(self):
        engines = dense_engines.table(dense_engines.NAMES, "PYTHON", "PROGRAM")
        self.assertEqual([engine.key for engine in engines], list(dense_engines.NAMES))
        self.assertEqual((engines[0].command, engines[0].options, engines[0].parameters[-1]), (("PROGRAM",), {"setting": "full"}, 1.0))
        for engine in engines[2:]:
            self.assertEqual(engine.command[0], "PYTHON")
            self.assertTrue(pathlib.Path(engine.command[1]).exists(), engine.command[1])


class Report(unittest.TestCase):
    def test_every_engine_has_a_colour(self):
        # The plot's module needs matplotlib, which is not here.
        source = (pathlib.Path(dense_report.__file__).parent / "dense_plot.py").read_text(encoding="utf-8")
        for name in dense_engines.NAMES:
            self.assertIn(f'"{name}": "#', source)

    def result(self, rows=10_000, factor=1.0, failed=None):
        def engine(label, scale):
            curve = points((0.94, 100.0 * scale), (0.98, 400.0 * scale), (0.996, 900.0 * scale))
            build = {"cpu_s": 20.0, "wall_s": 20.0, "bytes": rows * 500, "parts": {"codes": rows * 400}, "call_us": 1.5}
            return {"label": label, "settings": "as it comes", "build": build, "points": curve}

        return {
            "machine": "m", "vectors": "v.npy, 8 dimensions", "rows": rows, "queries": 100, "rounds": 1, "dimension": 8, "failed": failed or {},
            "others_share": 0.0,
            "engines": {"tandem": engine("Tandem", factor), "symphonyqg": engine("SymphonyQG", 2 * factor), "hnswlib": engine("hnswlib", 4 * factor)}}

    def test_a_row_of_times_over_recalls_for_each_engine(self):
        text = dense_report.markdown([self.result()])
        self.assertRegex(text, r"\| Tandem +\| +≤ 100 \| +≤ 100 \| +100 \| +141 \| +200 \|")
        self.assertRegex(text, r"\| hnswlib +\| +≤ 400 \| +≤ 400 \| +400 \| +566 \| +800 \|")
        self.assertIn("as it comes, codes 400, an empty call takes 1.5 µs", text)

    def test_tails_builds_and_bytes(self):
        row = next(line for line in dense_report.targets_table(self.result()).splitlines() if line.startswith("| Tandem"))
        cells = [cell.strip() for cell in row.split("|")]
        self.assertEqual((cells[2], cells[5:8]), ("424 / 3.0", ["20", "500", "500"]))

    def test_ratios_say_which_way_they_go(self):
        self.assertIn("Tandem / SymphonyQG: 0.50 at .95, 0.50 at .97, 0.50 at .99; hnswlib / Tandem: 4.00 at .95", dense_report.ratios(self.result()))

    def test_what_is_not_reached_is_a_dash_and_what_failed_is_named(self):
        result = self.result(failed={"faiss": "faiss: it ended"})
        result["engines"]["tandem"]["points"] = points((0.94, 100.0), (0.96, 200.0))
        row = next(line for line in dense_report.curves_table(result).splitlines() if line.startswith("| Tandem"))
        self.assertEqual([cell.strip() for cell in row.split("|")][7:11], ["–"] * 4)
        self.assertIn("FAILED: faiss", dense_report.markdown([result]))

    def test_filters_stand_beside_comparing_all_that_pass(self):
        one = {"filter": "correlated", "share": .01, "recall": .987, "mean_us": 50, "flat_us": 200, "graphs": 1, "abandoned": 0, "visited": 90}
        told = dense_report.filters_table({"rows": 300_000, "more": {"filters": {"parameter": .4, "filters": [one]}}})
        cells = [cell.strip() for cell in told.splitlines()[-1].split("|")][1:-1]
        self.assertEqual(cells, ["correlated, 1 % pass", "0.987", "50", "200", "0.25", "100 %", "0 %"])
        self.assertEqual(dense_report.filters_table({"rows": 1, "more": {}}), "")

    def test_threads_are_the_median_of_the_turns(self):
        turns = [{"threads": 90, "processes": 100}, {"threads": 120, "processes": 100}, {"threads": 98, "processes": 100}]
        told = dense_report.threads({"rows": 1, "more": {"threads": {"parameter": .4, "turns": turns}}})
        self.assertIn("0.98 of what two processes do (0.90 to 1.20 in 3 turns), up to 120 queries", told)

    def test_growth_is_told_at_equal_recall(self):
        text = dense_report.markdown([self.result(), self.result(40_000, factor=1.5)])
        self.assertRegex(text, r"µs at recall@10 +\| +10,000 \| +40,000 \| +for 4.0 × the rows")
        self.assertRegex(text, r"\| Tandem, .95 +\| +141 \| +212 \| +1.50 × \|")


class CommandLine(unittest.TestCase):
    def test_sizes_are_numbers_each_once_in_order(self):
        self.assertEqual(dense_benchmark.arguments(["--rows", "100000,50000,100000"]).rows, [50_000, 100_000])

    def test_json_goes_to_a_file_or_is_printed(self):
        self.assertIsNone(dense_benchmark.arguments([]).json)
        self.assertEqual(dense_benchmark.arguments(["--json"]).json, "-")
        self.assertEqual(dense_benchmark.arguments(["--json", "x.json"]).json, "x.json")

    def test_unknown_engines_and_odd_numbers_are_refused(self):
        for line in (["--engines", "milvus"], ["--rounds", "0"], ["--rows", "5"], ["--metric", "l2"]):
            with self.subTest(line), contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as caught:
                dense_benchmark.arguments(line)
            self.assertEqual(caught.exception.code, 2)

    def test_room_is_checked_in_advance(self):
        with tempfile.TemporaryDirectory() as folder:
            cache, names = pathlib.Path(folder), dense_engines.NAMES
            dense_benchmark.check_room(cache, 1_000_000, 384, names, free=10**11, memory=10**11)
            with self.assertRaisesRegex(MeasurementError, "1,000,000 rows need 1.54 GB in .*--rows"):
                dense_benchmark.check_room(cache, 1_000_000, 384, names, free=10**9, memory=10**11)
            with self.assertRaisesRegex(MeasurementError, "of memory.*--engines"):
                dense_benchmark.check_room(cache, 1_000_000, 384, names, free=10**11, memory=10**9)


class Vectors(unittest.TestCase):
    def test_copies_are_named_where_a_size_has_them(self):
        prepared = {"rows": 1000, "perturbed": 300, "dimension": 8, "name": "v.npy"}
        self.assertEqual(dense_vectors.label(prepared, 700), "v.npy, 8 dimensions")
        self.assertIn("; 200 of the rows are PERTURBED COPIES", dense_vectors.label(prepared, 900))

    def test_passages_are_shuffled_the_same_way_every_time(self):
        with tempfile.TemporaryDirectory() as folder:
            target = pathlib.Path(folder) / "passages.txt"
            target.write_text("kept\n")
            self.assertEqual(dense_vectors._shuffled(None, target).read_text(), "kept\n")


@unittest.skipUnless(importlib.util.find_spec("numpy"), "no NumPy here; the tool installs it into an environment of its own")
class ExactAnswers(unittest.TestCase):
    def setUp(self):
        import numpy

        sys.path.insert(0, str(pathlib.Path(dense_engines.__file__).parent / "peers"))
        self.addCleanup(sys.path.pop, 0)
        import dense_judge

        self.numpy, self.judge = numpy, dense_judge
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.source = self.folder / "source.npy"
        numpy.save(self.source, numpy.random.default_rng(1).standard_normal((120, 8), numpy.float32) * 3)

    def prepared(self, rows):
        target = str(self.folder / "prepared.npy")
        answer = self.judge.prepare({"vectors": str(self.source), "rows": rows, "queries": 20, "to": target, "seed": 5}, None)
        return answer["perturbed"], self.numpy.load(target)

    def test_rows_are_the_first_queries_the_last_and_all_have_length_1(self):
        perturbed, found = self.prepared(60)
        source = self.numpy.load(self.source)
        source /= self.numpy.linalg.norm(source, axis=1, keepdims=True)
        self.assertEqual((perturbed, found.shape), (0, (80, 8)))
        self.numpy.testing.assert_allclose(found, self.numpy.vstack([source[:60], source[-20:]]), atol=1e-6)

    def test_copies_are_near_their_originals_and_never_of_a_query(self):
        perturbed, found = self.prepared(150)
        self.assertEqual((perturbed, found.shape), (50, (170, 8)))
        cosines = (found[100:150] * found[:50]).sum(1)
        self.assertTrue(0.5 < cosines.mean() < 0.99, cosines.mean())
        self.numpy.testing.assert_allclose(self.numpy.linalg.norm(found, axis=1), 1, atol=1e-6)

    def test_recall_counts_ties_and_each_row_once(self):
        numpy, k = self.numpy, self.judge.K
        rows = numpy.eye(12, dtype=numpy.float32)
        # Twelve rows of the same score, of which any ten are right; the query is the last row.
        query = numpy.full((1, 12), 12**-0.5, numpy.float32)
        numpy.save(self.folder / "v.npy", numpy.vstack([rows, query]))
        state = self.judge.State()
        request = {"vectors": str(self.folder / "v.npy"), "rows": 12, "queries": 1, "kept": str(self.folder / "truth.npz")}
        self.assertFalse(self.judge.truth(request, state)["kept"])
        self.assertTrue(self.judge.truth(request, state)["kept"])
        for ids, expected in ((range(2, 12), 1.0), ([0] * 10, 0.1), ([0, 1, 2, 3, 4, -1, -1, -1, -1, -1], 0.5)):
            numpy.array(ids, numpy.int32).tofile(self.folder / "ids")
            self.assertAlmostEqual(self.judge.recall({"ids": str(self.folder / "ids"), "k": k}, state)["recall"], expected)
        numpy.array([99] * 10, numpy.int32).tofile(self.folder / "ids")
        with self.assertRaisesRegex(ValueError, "no row's"):
            self.judge.recall({"ids": str(self.folder / "ids"), "k": k}, state)

    def test_exact_answers_in_blocks_are_those_of_a_sort(self):
        numpy = self.numpy
        rows, queries = numpy.random.default_rng(2).standard_normal((500, 8), numpy.float32), numpy.random.default_rng(3).standard_normal((7, 8), numpy.float32)
        kept, self.judge.BLOCK = self.judge.BLOCK, 64
        self.addCleanup(setattr, self.judge, "BLOCK", kept)
        ids, scores = self.judge.exact(rows, queries)
        expected = numpy.argsort(-(queries @ rows.T), axis=1)[:, :10]
        numpy.testing.assert_array_equal(ids, expected)
        self.assertEqual(scores.shape, (7, 10))


if __name__ == "__main__":
    unittest.main()
