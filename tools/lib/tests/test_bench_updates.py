"""tools/bench-updates's own arithmetic: arguments, the parts of a file, tables and bounds, and when a daemon has nothing left to do. Nothing is started."""

import contextlib
import copy
import io
import pathlib
import sys
import tempfile
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import updates_benchmark, updates_load, updates_report, updates_vectors  # noqa: E402
from bench.daemon import MeasurementError  # noqa: E402


def distribution(p50, p99):
    return {"p50": p50, "p90": p50, "p99": p99, "max": 2 * p99, "mean": p50 + 1}


def searches(p50, p99):
    work = {"graph_segments": 2.5, "flat_segments": 1.0, "visited": 400.0, "estimated": 5000.0, "scanned": 1200.0, "refined": 40.0}
    return {
        "load": "open loop", "searches": 9000, "per_second": 300.0, "client": distribution(p50, p99), "server": distribution(p50 / 2, p99 / 2),
        "stages": {"queue": distribution(10, 20), "semantic": distribution(200, 300)}, "cpu_seconds": 6.0, "seconds": 30.0, "work": work,
        "by_second": [{"p99": p99, "work": work}, {"p99": 3 * p99, "work": {**work, "estimated": 9000.0}}]}


def step(name, documents, recall):
    return {
        "name": name, "documents": documents, "vectors": 2000, "vectors_in_graphs": 1500, "graphs": 2, "segments": 3, "graph_bytes": 10**6,
        "anonymous_bytes": 50 * 10**6, "mapped_bytes": 0, "disk_bytes": 80 * 10**6, "recall": recall, "worst": 0.8, "queries": 500,
        "client": distribution(500, 900), "exact": distribution(4000, 5000), "work": searches(1, 2)["work"]}


ROUND = {
    "rate": 300.0,
    "maximum": {**searches(900, 1900), "load": "8 at a time", "per_second": 600.0}, "quiet": searches(1000, 4000), "busy": searches(1500, 6000),
    "fill": {"documents": 100_000, "seconds": 20.0, "per_second": 5000.0, "catch_up_seconds": 60.0, "acknowledgement": distribution(9000, 20_000),
             "meter": {"seconds": 90.0, "cpu_seconds": 80.0, "bytes_written": 10**9, "graph_vectors_built": 150_000}},
    "inserts": {"documents": 60_000, "seconds": 30.0, "per_second": 2000.0, "catch_up_seconds": 10.0, "batch": 100,
                "acknowledgement": distribution(9000, 20_000),
                "meter": {"seconds": 60.0, "cpu_seconds": 70.0, "bytes_written": 6 * 10**8, "graph_vectors_built": 90_000}}}
RESULT = {
    "machine": "m", "vectors": "v.npy, 8 dimensions", "insert_rate": 2000, "rounds": [ROUND],
    "steps": [step("the upload", 100_000, 0.991), step("the inserts", 160_000, 0.989), step("30 deletes", 112_000, 0.995)],
    "others_share": {"quiet": 0.01, "inserts": 0.02}}


def rounds(*busy):
    """A round for each p99 beside inserts; None: overloaded."""
    return {**RESULT, "rounds": [{**ROUND, "busy": searches(1500, p99) if p99 else None} for p99 in busy]}


def row(text, begin):
    found = next(line for line in text.splitlines() if line.startswith(f"| {begin}"))
    return [cell.strip() for cell in found.split("|")[2:-1]]


class Report(unittest.TestCase):
    def test_times_quiet_and_during_inserts_stand_side_by_side(self):
        text = updates_report.markdown(RESULT)
        self.assertEqual(row(text, "**client**"), ["**1.00 / 4.00**", "**1.50 / 6.00**"])
        self.assertEqual(row(text, "reply's own time"), ["0.50 / 2.00", "0.75 / 3.00"])
        self.assertEqual(row(text, "p99 of the seconds, median"), ["8.00", "12.00"])
        self.assertEqual(row(text, "worst second's p99"), ["12.00", "18.00"])
        self.assertEqual(row(text, "the same, most in a second"), ["9,000", "9,000"])
        self.assertEqual(row(text, "the daemon's CPU"), ["0.20", "0.20"])
        self.assertIn("300 searches a second, open loop", text)

    def test_what_is_said_of_the_inserts(self):
        text = updates_report.told(RESULT)
        self.assertIn("Quiet maximum: 600 searches a second, 8 at a time", text)
        self.assertIn("quiet: 1.50.", text)
        self.assertIn("acknowledged at 2,000 a second (a batch of 100 within 20.00 ms at p99), at 1,500 a second counted until graphs", text)
        self.assertIn("Each vector was put into 1.50 graphs, and 10,000 bytes were written for it", text)

    def test_an_overload_is_said_and_leaves_its_column_out(self):
        text = updates_report.markdown(rounds(None))
        self.assertIn("OVERLOADED with 2,000 inserts a second", text)
        self.assertEqual(row(text, "searches"), row(updates_report.markdown(RESULT), "searches")[:1])

    def test_of_several_rounds_the_median_counts(self):
        self.assertAlmostEqual(updates_report.p99_ratio(updates_report.middle(rounds(9000, 5000, None))), 2.25)
        self.assertAlmostEqual(updates_report.p99_ratio(updates_report.middle(rounds(9000, 5000))), 2.25)
        self.assertIsNone(updates_report.middle(rounds(9000, None, None))["busy"])
        text = updates_report.markdown(rounds(9000, 5000, None))
        self.assertEqual(row(text, "1"), ["600", "300", "1.00 / 4.00", "1.50 / 9.00", "2.25", "0.20", "0.20"])
        self.assertEqual(row(text, "3"), ["600", "300", "1.00 / 4.00", "overloaded", "–", "0.20", "–"])
        self.assertEqual(row(text, "**client**"), ["**1.00 / 4.00**", "**1.50 / 9.00**"])
        self.assertIn("The round with the median ratio: quiet maximum: 600", text)

    def test_a_row_for_each_step(self):
        text = updates_report.steps_table(RESULT)
        self.assertEqual(
            row(text, "the inserts"), ["160,000", "0.9890", "0.50", "0.90", "4.00", "2 / 3", "75 %", "50.00 MB", "80.00 MB"])
        self.assertEqual(len(text.splitlines()), 5)

    def test_the_tables_are_separate(self):
        blocks = updates_report.markdown(RESULT).split("\n\n")
        self.assertEqual([block[0] for block in blocks], ["|", "Q", "|", "v"])


class Bounds(unittest.TestCase):
    options = types.SimpleNamespace(p99_ratio_max=2.0, inserts_min=2000, recall_fall_max=0.01)

    def holds(self, **changes):
        result = copy.deepcopy(RESULT)
        for path, value in changes.items():
            *way, last = path.split("__")
            at = result
            for key in way:
                at = at[int(key) if isinstance(at, list) else key]
            at[last] = value
        return [bound.holds for bound in updates_report.bounds(result, self.options)]

    def test_all_hold(self):
        self.assertEqual(self.holds(), [True, True, True])

    def test_a_daemon_that_refuses_searches_misses_the_first(self):
        self.assertEqual(self.holds(rounds__0__busy=None), [False, True, True])

    def test_each_is_missed_alone(self):
        self.assertEqual(self.holds(rounds__0__busy__client=distribution(1500, 8001)), [False, True, True])
        self.assertEqual(self.holds(rounds__0__inserts__per_second=1900.0), [True, False, True])
        self.assertEqual(self.holds(steps__2__recall=0.9809), [True, True, False])

    def test_a_paced_upload_may_miss_its_pace_by_the_clock(self):
        self.assertEqual(self.holds(rounds__0__inserts__per_second=1990.0), [True, True, True])

    def test_recall_that_rises_is_no_fall(self):
        self.assertAlmostEqual(updates_report.recall_fall(RESULT), 0.002)
        self.assertEqual(updates_report.recall_fall({"steps": [step("a", 1, 0.9), step("b", 1, 0.95)]}), 0)

    def test_what_is_missed_is_said(self):
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            self.assertTrue(updates_report.check(updates_report.bounds(RESULT, self.options)))
            strict = types.SimpleNamespace(p99_ratio_max=1.2, inserts_min=2000, recall_fall_max=0.01)
            self.assertFalse(updates_report.check(updates_report.bounds(RESULT, strict)))
        self.assertIn("quiet: 1.50 ×, the bound is 1.20 ×", errors.getvalue())


class CommandLine(unittest.TestCase):
    def test_the_defaults_and_what_is_inserted(self):
        options = updates_benchmark.arguments([])
        self.assertEqual((options.rows, options.insert_rate, options.p99_ratio_max), (100_000, 2000, 2.0))
        self.assertEqual(updates_benchmark.insert_count(options), 68_000)

    def test_odd_numbers_are_refused(self):
        for line in (["--rows", "5"], ["--seconds", "0"], ["--queries", "100"], ["--queries", "1001"], ["--concurrency", "0"]):
            with self.subTest(line), contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as caught:
                updates_benchmark.arguments(line)
            self.assertEqual(caught.exception.code, 2)


class Vectors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "v.npy"

    def write(self, header, version=1):
        text = header.encode("latin-1")
        length = len(text).to_bytes(2 if version == 1 else 4, "little")
        self.file.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + length + text)
        return self.file

    def test_the_shape_stands_in_the_header(self):
        for version in (1, 2):
            file = self.write("{'descr': '<f4', 'fortran_order': False, 'shape': (5000, 384), }   \n", version)
            self.assertEqual(updates_vectors.shape(file), (5000, 384))

    def test_other_files_are_named(self):
        for header, said in (
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (5, 3), }", "float32 in C order, found <f8"),
            ("{'descr': '<f4', 'fortran_order': True, 'shape': (5, 3), }", "in Fortran order"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }", "two dimensions")):
            with self.subTest(header), self.assertRaisesRegex(MeasurementError, said):
                updates_vectors.shape(self.write(header))
        self.file.write_bytes(b"hello, this is text")
        with self.assertRaisesRegex(MeasurementError, "is no .npy file"):
            updates_vectors.shape(self.file)

    def test_documents_inserts_and_queries_do_not_overlap(self):
        vectors = updates_vectors.divide("v.npy", (10_000, 8), 5000, 4000)
        self.assertEqual((vectors.documents, vectors.first_query), (9000, 9000))
        with self.assertRaisesRegex(MeasurementError, "10,000 rows; 5,000 documents, 4,001 inserts.*--rows"):
            updates_vectors.divide("v.npy", (10_000, 8), 5000, 4001)


class Settling(unittest.TestCase):
    def test_nothing_is_left_to_do_when_both_checkpoints_hold_the_last_write(self):
        state = {"last_sequence": 9, "checkpoint_sequence": 9, "vector_checkpoint_sequence": 9}
        self.assertTrue(updates_load.is_sealed(state))
        for change in ({"checkpoint_sequence": 8}, {"vector_checkpoint_sequence": 8}, {"building": {"generation": 2}}):
            with self.subTest(change):
                self.assertFalse(updates_load.is_sealed({**state, **change}))

    def test_another_number_of_documents_is_a_wrong_result(self):
        updates_load.expect({"documents": 5}, 5)
        with self.assertRaisesRegex(MeasurementError, "has 4 documents, expected 5"):
            updates_load.expect({"documents": 4}, 5)


if __name__ == "__main__":
    unittest.main()
