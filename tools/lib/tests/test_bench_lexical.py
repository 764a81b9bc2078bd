"""tools/bench-lexical's own arithmetic, query sets and texts: on values written here. What needs an engine, apt or lxml is not started."""

import collections
import importlib.util
import pathlib
import random
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import lexical_benchmark, lexical_engines, lexical_queries, lexical_report, plain_words, real_text  # noqa: E402
from bench.daemon import MeasurementError  # noqa: E402


def texts(count=400, seed=3):
    """Lines whose words are the more frequent the lower their number."""
    chance = random.Random(seed)
    return "".join(" ".join(f"w{int(chance.paretovariate(0.25)) % 5000}" for _ in range(40)) + "\n" for _ in range(count))


class Queries(unittest.TestCase):
    def folder(self, content):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        (path / "docs.txt").write_text(content, encoding="utf-8")
        return path

    def queries(self, folder, name):
        return [line.split(" ") for line in (folder / f"q_{name}.txt").read_text(encoding="utf-8").splitlines()]

    def setUp(self):
        self.content = texts()
        self.made = self.folder(self.content)
        lexical_queries.make_missing(self.made, 5)

    def test_the_same_seed_gives_the_same_queries_and_another_gives_others(self):
        same, other = self.folder(self.content), self.folder(self.content)
        lexical_queries.make_missing(same, 5)
        lexical_queries.make_missing(other, 6)
        for name in lexical_queries.NAMES:
            self.assertEqual(self.queries(same, name), self.queries(self.made, name), name)
            self.assertNotEqual(self.queries(other, name), self.queries(self.made, name), name)

    def test_each_set_has_its_shape(self):
        lengths = {name: collections.Counter(len(query) for query in self.queries(self.made, name)) for name in lexical_queries.NAMES}
        for name, allowed in {"mix": range(1, 6), "long": range(8, 16), "nat": range(5, 13), "and": range(2, 6), "phrase": (2, 3), "single": (1,)}.items():
            self.assertLessEqual(set(lengths[name]), set(allowed), name)
            self.assertTrue(all(len(set(query)) == len(query) for query in self.queries(self.made, name)), name)

    def test_phrases_stand_in_the_texts_word_by_word(self):
        padded = [f" {line} " for line in self.content.splitlines()]
        for query in self.queries(self.made, "phrase"):
            self.assertTrue(any(f" {' '.join(query)} " in line for line in padded))

    def test_single_words_are_of_all_frequencies_and_different(self):
        holding = collections.Counter(word for line in self.content.splitlines() for word in set(line.split()))
        words = [query[0] for query in self.queries(self.made, "single")]
        self.assertEqual(len(set(words)), len(words))
        self.assertEqual({holding[word].bit_length() for word in words}, {n.bit_length() for n in holding.values()})

    def test_sets_that_are_there_stay_and_the_rest_goes_with_them(self):
        folder = self.folder(self.content)
        (folder / "q_mix.txt").write_text("w1\nw1 w2\n", encoding="utf-8")
        lexical_queries.make_missing(folder, 5)
        self.assertEqual(self.queries(folder, "mix"), [["w1"], ["w1", "w2"]])
        self.assertEqual(self.queries(folder, "and"), [["w1", "w2"]])

    def test_texts_that_are_too_short_are_refused_instead_of_searched_for_ever(self):
        with self.assertRaisesRegex(MeasurementError, "too short"):
            lexical_queries.make_missing(self.folder("a b\n" * 20), 5)


class Agreement(unittest.TestCase):
    def test_a_constant_factor_is_no_difference(self):
        ours = {("mix", "q"): [("1", 2.2), ("2", 1.1)]}
        theirs = {("mix", "q"): [("1", 1.0), ("2", 0.5)]}
        found = lexical_engines.agreement(ours, theirs, ["mix"])
        self.assertEqual((found["share"], found["other_counts"]), (1, 0))
        self.assertAlmostEqual(found["scores_off"], 0)

    def test_other_documents_and_other_counts_are_seen(self):
        ours = {("mix", "q"): [("1", 2.0), ("2", 1.0)], ("and", "r"): [("1", 2.0)]}
        theirs = {("mix", "q"): [("1", 2.0), ("3", 1.0)], ("and", "r"): []}
        found = lexical_engines.agreement(ours, theirs, ["mix", "and"])
        self.assertEqual((found["share"], found["other_counts"]), (0.5, 1))

    def test_only_the_first_k_and_the_sets_in_question_count(self):
        ours = {("mix", "q"): [("1", 2.0), ("2", 1.0)]}
        theirs = {("mix", "q"): [("1", 2.0), ("3", 1.0)], ("phrase", "r"): [("9", 1.0)]}
        self.assertEqual(lexical_engines.agreement(ours, theirs, ["mix", "phrase"], k=1)["share"], 1)
        self.assertIsNone(lexical_engines.agreement({}, theirs, ["mix"])["share"])

    def test_unnamed_documents_leave_the_scores(self):
        found = lexical_engines.agreement({("mix", "q"): [("1", 2.0)]}, {("mix", "q"): [("?", 2.0)]}, ["mix"])
        self.assertEqual((found["share"], found["scores_off"]), (None, 0))

    def test_phrases_alone_need_positions(self):
        self.assertEqual(lexical_engines.by_option(["mix", "phrase", "and"]), {"freq": ["mix", "and"], "position": ["phrase"]})
        self.assertEqual(lexical_engines.by_option(["single"]), {"freq": ["single"]})


class Tandem(unittest.TestCase):
    def engine(self, hits):
        """Over a program that answers every query with these hits."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = pathlib.Path(folder.name) / "program"
        program.write_text(f"#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\nprintf 'phrase\\tone two\\t{hits}\\n' >\"$1\"\necho '{{}}'\n")
        program.chmod(0o755)
        return lexical_engines.Tandem(pathlib.Path(folder.name), pathlib.Path(folder.name) / "scratch", program)

    def test_phrases_are_left_out_where_a_build_takes_them_for_an_or(self):
        self.assertEqual(self.engine("0:1.5 1:1.5").sets(["mix", "phrase"]), ["mix"])
        self.assertEqual(self.engine("1:1.5").sets(["mix", "phrase"]), ["mix", "phrase"])


class Report(unittest.TestCase):
    def result(self, documents=1000, phrase=True):
        def engine(label, mean, bar):
            names = ["mix", "phrase"] if phrase or label != "Tandem" else ["mix"]
            times = {name: {"set": name, "queries": 5, "mean": mean, "p50": mean, "p99": 3 * mean} for name in names}
            builds = {"freq": {"documents": documents, "cpu_seconds": 0.5, "bytes": 2_000_000, "segments": 1}}
            return {"label": label, "builds": builds, "times": {"10": times, "100": times}, "bar": bar}

        engines = {
            "tandem": engine("Tandem", 10.0, ["mix", "phrase"]), "lucene": engine("Lucene 9", 30.0, ["mix", "phrase"]),
            "tantivy": engine("tantivy 0", 20.0, ["phrase"])}
        return {
            "machine": "m", "workload": "w", "sets": ["mix", "phrase"], "documents": documents, "engines": engines, "equals_exhaustive": True,
            "exhaustive": {"mix": 40.0}, "others_share": 0.0}

    def test_two_threads_are_told_by_the_median_of_the_turns_ratios(self):
        result = self.result()
        result["scaling"] = {"mix": {"threads": [10, 30, 20], "processes": [10, 20, 40], "alone": [5, 15, 10]}}
        self.assertIn("two processes at a time: mix 1.00; over those of one thread: mix 2.00", lexical_report.markdown([result]))

    def test_a_peer_that_scores_exhaustively_is_shown_and_no_bar(self):
        text = lexical_report.markdown([self.result()])
        self.assertRegex(text, r"mix .*top 10 .*10 / 30 .*30 / 90 .*\(20 / 60\) .*\*\*3.0 ×\*\*")
        self.assertRegex(text, r"phrase .*top 10 .*10 / 30 .*30 / 90 .* 20 / 60 .*\*\*2.0 ×\*\*")
        self.assertIn("In brackets", text)

    def test_a_set_that_tandem_cannot_run_has_a_dash(self):
        row = next(line for line in lexical_report.markdown([self.result(phrase=False)]).splitlines() if line.startswith("| phrase"))
        self.assertEqual([cell.strip() for cell in row.split("|")][2:6], ["–", "30 / 90", "20 / 60", "–"])

    def test_several_sizes_give_a_curve_with_the_smallest_first(self):
        text = lexical_report.markdown([self.result(100_000), self.result(10_000)])
        self.assertRegex(text, r"top 10 +\| +10,000 \| +100,000 \| for 10 × the documents")

    def test_without_peers_there_is_nothing_to_be_ahead_of(self):
        result = self.result()
        for key in ("lucene", "tantivy"):
            del result["engines"][key]
        self.assertNotIn("×", lexical_report.markdown([result]))


class CommandLine(unittest.TestCase):
    def test_sizes_are_numbers_each_once(self):
        self.assertEqual(lexical_benchmark.arguments(["--documents", "100000,50000,100000"]).documents, [100_000, 50_000])

    def test_room_is_checked_in_advance(self):
        with tempfile.TemporaryDirectory() as folder:
            cache = pathlib.Path(folder)
            lexical_benchmark.check_room(cache, [1_000_000], free=10**11, memory=10**11)
            with self.assertRaisesRegex(MeasurementError, "5,000,000 documents need about .* GB in .*--documents"):
                lexical_benchmark.check_room(cache, [100_000, 5_000_000], free=10**9, memory=10**11)
            with self.assertRaisesRegex(MeasurementError, "of memory"):
                lexical_benchmark.check_room(cache, [5_000_000], free=10**12, memory=10**9)


@unittest.skipUnless(importlib.util.find_spec("lxml"), "no lxml here; the tool installs it into an environment of its own")
class Pages(unittest.TestCase):
    def passages(self, html):
        sys.path.insert(0, str(pathlib.Path(plain_words.__file__).parent))
        self.addCleanup(sys.path.pop, 0)
        import passages

        return list(passages.passages(html.encode()))

    def test_borders_of_blocks_part_passages_and_inline_marks_do_not(self):
        html = "<html lang=en><body><p>One <b>two</b> three<br>four five.</p><ul><li>six seven eight nine ten</li> tail of five more words</ul></body>"
        self.assertEqual(self.passages(html), ["one two three four five", "six seven eight nine ten", "tail of five more words"])

    def test_listings_and_scripts_are_left_out_and_what_follows_them_stays(self):
        self.assertEqual(self.passages("<div>before<pre>a b c d e f<p>g h i j k</p></pre>after it come five words</div>"), ["after it come five words"])

    def test_other_languages_are_left_out(self):
        self.assertEqual(self.passages("<html lang=de><p>eins zwei drei vier fünf</p></html>"), [])

    def test_what_is_no_page_has_no_passages(self):
        self.assertEqual(self.passages("  "), [])
        self.assertEqual(self.passages("<!-- nothing -->"), [])


class RealText(unittest.TestCase):
    def test_words_are_letters_and_digits_in_lower_case(self):
        self.assertEqual(list(plain_words.lines_of("The --long_option (see ls(1)), ÜBER all!")), ["the long option see ls 1 über all"])

    def test_short_passages_are_none_and_long_ones_several(self):
        self.assertEqual(list(plain_words.lines_of("only four words here")), [])
        parts = list(plain_words.lines_of("a " * (plain_words.WORDS_MAX + 5)))
        self.assertEqual([len(part.split()) for part in parts], [plain_words.WORDS_MAX, 5])

    def test_passages_are_joined_each_once_in_order(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "a").write_text("one\ntwo\n")
            (folder / "b").write_text("two\nthree\none\n")
            self.assertEqual(real_text._join([folder / "a", folder / "b"], folder / "docs.txt")["passages"], 3)
            self.assertEqual((folder / "docs.txt").read_text(), "one\ntwo\nthree\n")

    def test_a_part_is_evenly_spaced_and_has_the_size_asked_for(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name) / "text"
            folder.mkdir()
            (folder / "docs.txt").write_text("".join(f"{n}\n" for n in range(1000)))
            for wanted in (1, 3, 333, 999):
                lines = [int(line) for line in (real_text._part_of_it(folder, wanted, 1000) / "docs.txt").read_text().split()]
                self.assertEqual(len(lines), wanted)
                self.assertTrue(all(abs(b - a - 1000 / wanted) <= 1 for a, b in zip(lines, lines[1:])))


if __name__ == "__main__":
    unittest.main()
