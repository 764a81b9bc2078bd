"""tools/bench-languages's own arithmetic and files: the judged sets, the peer's words, the test on pairs, the table. Nothing is started or fetched."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import (  # noqa: E402
    languages_benchmark, languages_lists, languages_paired, languages_peer, languages_report, languages_sets, languages_tandem, languages_translated)
from bench.daemon import MeasurementError  # noqa: E402
from bench.dense_reference import read_judgements, read_lines  # noqa: E402
from bench.peers import peer_words  # noqa: E402

PACKAGES = """\
Package: editor
Description: edits texts
Description-md5: aa

Package: viewer
Description: shows pictures
Description-md5: bb

Package: copy
Description: not translated
Description-md5: cc

Package: tool
Description: does this
Description-md5: dd

Package: tool-data
Description: does that
Description-md5: ee

Package: old
Description: of another version
Description-md5: new
"""

ENGLISH = """\
Package: editor
Description-md5: aa
Description-en: edits texts
 A long text about editing.

Package: viewer
Description-md5: bb
Description-en: shows pictures
 A long text about pictures.

Package: copy
Description-md5: cc
Description-en: not translated
 The same long
 text.

Package: tool
Description-md5: dd
Description-en: does this
 This.

Package: tool-data
Description-md5: ee
Description-en: does that
 That.

Package: old
Description-md5: new
Description-en: of another version
 New.
"""

GERMAN = """\
Package: editor
Description-md5: aa
Description-de: bearbeitet Texte
 Ein langer Text über das Bearbeiten.

Package: viewer
Description-md5: bb
Description-de: Shows pictures
 Ein langer Text über Bilder.

Package: copy
Description-md5: cc
Description-de: gar nicht übersetzt
 the same long text.

Package: tool
Description-md5: dd
Description-de: tut etwas
 Dies.

Package: tool-data
Description-md5: ee
Description-de: tut  Etwas
 Das.

Package: old
Description-md5: old
Description-de: einer anderen Fassung
 Alt.
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def quiet(self, call, *arguments, **options):
        with contextlib.redirect_stderr(io.StringIO()):
            return call(*arguments, **options)


class Sets(Folder):
    def source(self):
        rows = [("de:1", "Hund", "de"), ("en:1", "dog", "en"), ("de:2", "Katze", "de"), ("en:2", "cat", "en")]
        write = lambda file, text: (self.folder / file).write_text(text, encoding="utf-8")  # noqa: E731
        write("corpus.jsonl", "".join(json.dumps({"_id": i, "title": "T" if i == "de:1" else "", "text": t, "lang": l}) + "\n" for i, t, l in rows))
        write("queries.jsonl", "".join(json.dumps({"_id": f"{l}:q{n}", "text": "?", "lang": l, "para": "p"}) + "\n" for l in ("de", "en") for n in (1, 2)))
        write("qrels.tsv", "query-id\tcorpus-id\tscore\nde:q1\tde:1\t1\nen:q1\ten:2\t2\nen:q2\ten:1\t0\n")
        return self.folder

    def test_a_collection_is_divided_by_language_and_joined_without_saying_it(self):
        judged = languages_sets.split("x", self.source(), self.folder / "to")
        self.assertEqual(judged.languages, ("de", "en"))
        self.assertEqual(
            read_lines(judged.part("de") / "corpus.jsonl"), [{"_id": "de:1", "title": "", "text": "T Hund"}, {"_id": "de:2", "title": "", "text": "Katze"}])
        self.assertEqual(read_lines(judged.part("en") / "queries.jsonl"), [{"_id": "en:q1", "text": "?"}])
        self.assertEqual([d["_id"] for d in read_lines(judged.part("joint") / "corpus.jsonl")], ["de:1", "de:2", "en:1", "en:2"])
        self.assertEqual(read_judgements(judged.part("joint") / "qrels.tsv"), {"de:q1": {"de:1": 1}, "en:q1": {"en:2": 2}})

    def test_an_answer_in_another_language_or_no_languages_are_refused(self):
        source = self.source()
        (source / "qrels.tsv").write_text("q\td\ts\nde:q1\ten:1\t1\n")
        with self.assertRaisesRegex(MeasurementError, "en:1 answers a query in 'de'"):
            languages_sets.split("x", source, self.folder / "to")
        (source / "corpus.jsonl").write_text('{"_id": "1", "text": "a"}\n')
        with self.assertRaisesRegex(MeasurementError, "no document names its language"):
            languages_sets.split("x", source, self.folder / "to")

    def test_the_digest_changes_with_any_file(self):
        judged = languages_sets.split("x", self.source(), self.folder / "to")
        before = judged.digest()
        self.assertEqual(judged.digest(), before)
        (judged.part("en") / "qrels.tsv").write_text(languages_sets.HEADER)
        self.assertNotEqual(judged.digest(), before)


class Lists(Folder):
    def test_a_release_names_its_languages(self):
        release = " aa 12 main/i18n/Translation-de\n bb 9 main/i18n/Translation-pt_BR\n cc 3 main/i18n/Translation-pt_BR.bz2\n dd 3 main/binary-amd64/Packages\n"
        self.assertEqual(languages_lists.offered(release), {"de", "pt_BR"})

    def test_an_underscore_is_written_otherwise_in_a_lists_name(self):
        for language in ("en", "de", "pt%5fBR"):
            (self.folder / f"mirror_main_i18n_Translation-{language}").write_text("Package: a\nDescription-md5: x\nDescription-pt_BR: ola\n")
        self.assertEqual(languages_lists.languages_of(self.folder), ["de", "pt_BR"])
        self.assertEqual(languages_lists.translations(self.folder, "pt_BR"), {("a", "x"): "ola"})


class Translated(Folder):
    def setUp(self):
        super().setUp()
        self.lists = self.folder / "lists"
        self.lists.mkdir()
        self.write("binary-amd64_Packages", PACKAGES)
        self.write("i18n_Translation-en", ENGLISH)
        self.write("i18n_Translation-de", GERMAN)

    def write(self, name, text):
        (self.lists / f"mirror_main_{name}").write_text(text, encoding="utf-8")

    def make(self, languages=1, **options):
        return self.quiet(languages_translated.make, self.folder / "set", self.lists, languages, **options)

    def test_documents_are_translations_of_the_version_at_hand(self):
        judged = self.make()
        self.assertEqual(
            {d["_id"]: d["text"] for d in read_lines(judged.part("de") / "corpus.jsonl")},
            {"de:editor": "Ein langer Text über das Bearbeiten.", "de:viewer": "Ein langer Text über Bilder.", "de:tool": "Dies.", "de:tool-data": "Das."})

    def test_queries_are_not_english_and_have_one_answer(self):
        judged = self.make()
        self.assertEqual(read_lines(judged.part("de") / "queries.jsonl"), [{"_id": "de:editor", "text": "bearbeitet Texte"}])
        self.assertEqual(read_judgements(judged.part("de") / "qrels.tsv"), {"de:editor": {"de:editor": 1}})
        self.assertEqual(languages_translated.queries_of({"a": ("eins", "same"), "b": ("zwei", "Same"), "c": ("drei", "other")}), {"c": "drei"})

    def test_a_broken_line_of_japanese_or_chinese_is_no_space(self):
        self.write("i18n_Translation-ja", GERMAN.replace("-de:", "-ja:").replace(" Dies.", " 単語\n の綴りを Aspell\n で、調べ\n る"))
        documents = read_lines(self.make(2).part("ja") / "corpus.jsonl")
        self.assertEqual(next(d["text"] for d in documents if d["_id"] == "ja:tool"), "単語の綴りを Aspell で、調べる")

    def test_another_variant_of_the_language_answers_only_where_all_are_together(self):
        self.write("i18n_Translation-de%5fAT", GERMAN.replace("-de:", "-de_AT:").replace("bearbeitet", "editiert"))
        judged = self.make(2)
        self.assertEqual(judged.languages, ("de", "de_AT"))
        self.assertEqual(read_judgements(judged.part("de") / "qrels.tsv"), {"de:editor": {"de:editor": 1}})
        both = {"de:editor": 1, "de_AT:editor": 1}
        self.assertEqual(read_judgements(judged.part("joint") / "qrels.tsv"), {"de:editor": both, "de_AT:editor": both})

    def test_what_is_drawn_is_a_part_of_a_larger_draw_and_depends_on_the_seed(self):
        names = [f"p{n}" for n in range(100)]
        few, more = languages_translated.drawn(names, 10, 1), languages_translated.drawn(names, 50, 1)
        self.assertTrue(set(few) < set(more))
        self.assertEqual(few, sorted(few))
        self.assertNotEqual(few, languages_translated.drawn(names, 10, 2))
        self.assertEqual(languages_translated.drawn(names, None, 1), sorted(names))

    def test_the_same_lists_give_the_same_set(self):
        self.assertEqual(self.make().digest(), self.make().digest())
        self.assertEqual(languages_translated.opened(self.folder / "set").languages, ("de",))

    def test_a_set_of_other_rules_and_none_at_all_are_not_opened(self):
        self.assertIsNone(languages_translated.opened(self.folder))
        (self.folder / "manifest.json").write_text('{"rules": 0, "languages": {}}')
        self.assertIsNone(languages_translated.opened(self.folder))

    def test_too_few_languages_and_no_english_are_said(self):
        with self.assertRaisesRegex(MeasurementError, "into 1 languages, expected 2"):
            self.make(2)
        (self.lists / "mirror_main_i18n_Translation-en").unlink()
        with self.assertRaisesRegex(MeasurementError, "no \\*_Translation-en list"):
            self.make()


class PeerWords(unittest.TestCase):
    def words(self, name, text):
        return peer_words.treatment(name, lambda language: lambda word: f"{language}/{word[:2]}")(text)

    def test_bm25s_own_words_lose_single_letters_and_hindis_vowels(self):
        self.assertEqual(self.words("words", "A Haus, ein HAUS"), ["haus", "ein", "haus"])
        self.assertNotEqual(self.words("words", "हिन्दी"), ["हिन्दी"])

    def test_words_with_marks_are_whole(self):
        self.assertEqual(self.words("marks", "हिन्दी में a"), ["हिन्दी", "में", "a"])
        self.assertEqual(self.words("marks", "كَتَبَ"), ["كَتَبَ"])

    def test_scripts_without_spaces_and_hangul_become_bigrams_and_nothing_else_does(self):
        self.assertEqual(self.words("bigrams", "東京都 Debianの本"), ["東京", "京都", "debian", "の本"])
        self.assertEqual(self.words("bigrams", "本"), ["本"])
        self.assertEqual(self.words("bigrams", "한국어"), ["한국", "국어"])
        self.assertEqual(self.words("bigrams", "ไทย12"), ["ไท", "ทย", "12"])
        self.assertEqual(self.words("bigrams", "größer हिन्दी"), ["größer", "हिन्दी"])

    def test_the_stemmer_of_the_name_gets_every_word(self):
        self.assertEqual(self.words("marks:german", "Häuser"), ["german/hä"])
        self.assertEqual(self.words("words:german", "Häuser x"), ["german/hä"])


class Peer(unittest.TestCase):
    def test_a_language_has_its_stemmer_with_and_without_or_bigrams(self):
        self.assertEqual(languages_peer.treatments("de"), ["words", "words:german", "marks", "marks:german"])
        self.assertEqual(languages_peer.treatments("pt_BR")[1], "words:portuguese")
        self.assertEqual(languages_peer.treatments("zh_CN"), ["bigrams"])
        self.assertEqual(languages_peer.treatments("uk"), ["words", "marks"])
        self.assertIn("bigrams", languages_peer.treatments("ko"))

    def test_the_treatment_with_the_highest_mean_counts(self):
        self.assertEqual(languages_peer.best({"de": {"words": {"a": 0.5, "b": 0.5}, "marks": {"a": 1.0, "b": 0.2}}}), {"de": "marks"})


class Tandem(unittest.TestCase):
    def test_a_querys_id_stands_where_its_language_may(self):
        self.assertEqual(languages_tandem.labelled([{"_id": "q", "text": "t"}]), [{"_id": "q", "text": "t", "lang": "q"}])
        result = {"lexical": {"ndcg@10": 0.5, "queries": 2, "languages": {"a": {"ndcg@10": 1.0}, "b": {"ndcg@10": 0.0}}}}
        self.assertEqual(languages_tandem.by_query(result, 2), {"a": 1.0, "b": 0.0})

    def test_a_measurement_of_others_or_degraded_queries_is_none(self):
        with self.assertRaisesRegex(MeasurementError, "measured 1 queries, expected 2"):
            languages_tandem.by_query({"lexical": {"languages": {"a": {"ndcg@10": 1.0}}}}, 2)
        with self.assertRaisesRegex(MeasurementError, "3 searches were degraded"):
            languages_tandem.by_query({"lexical": {"languages": {}, "degraded": 3}}, 2)


class Paired(unittest.TestCase):
    def test_the_p_value_is_that_of_all_signs(self):
        # Of the 16 ways to give signs to 1, 1, 1, 1 two reach a sum of 4 or -4; of those to 1, 1, 1, -1 ten reach 2 or more.
        self.assertAlmostEqual(languages_paired.p_value([1, 1, 1, 1, 0, 0]), 2 / 16, delta=0.015)
        self.assertAlmostEqual(languages_paired.p_value([1, 1, 1, -1]), 10 / 16, delta=0.02)

    def test_no_difference_is_no_evidence_and_a_great_one_is(self):
        self.assertEqual(languages_paired.p_value([0.0, 0.0]), 1)
        self.assertEqual(languages_paired.p_value([]), 1)
        self.assertLess(languages_paired.p_value([0.1] * 40), 0.001)
        self.assertEqual(languages_paired.p_value([0.3, -0.3]), 1)

    def test_it_is_the_same_every_time_and_for_either_side(self):
        values = [0.1 * n for n in range(-8, 11)]
        self.assertEqual(languages_paired.p_value(values), languages_paired.p_value([-v for v in values]))


def entry(alone, joint):
    return {
        "documents": 1200, "queries": 10, "index_bytes": 2_000_000,
        "alone": {"tandem": 0.5 + alone, "bm25s": 0.5, "difference": alone, "p": 0.01, "treatment": "marks:german", "tried": {}},
        "joint": {"tandem": 0.4 + joint, "bm25s": 0.4, "untold": 0.3, "told": 0.4, "difference": joint, "p": 0.2}}


RESULT = {"peer": "bm25s==1", "languages": {"de": entry(0.1, -0.02), "fr": entry(0.0, 0.0)}, "joint": {"documents": 2400, "index_bytes": 3_900_000}}


class Report(unittest.TestCase):
    def test_engines_are_compared_on_the_same_queries(self):
        found = languages_report.compare({"a": 1.0, "b": 0.5}, {"a": 0.5, "b": 0.5, "other": 0.0})
        self.assertEqual((found["tandem"], found["bm25s"], found["difference"], found["p"]), (0.75, 0.5, 0.25, 1.0))

    def test_a_row_for_each_language_and_the_mean(self):
        lines = languages_report.markdown("x", RESULT, "m").splitlines()
        self.assertEqual(len(lines), 5 + 6)
        cells = [cell.strip() for cell in lines[2].split("|")[1:-1]]
        self.assertEqual(
            cells, ["de", "1,200", "10", "2.00 MB", "0.6000", "0.5000", "marks:german", "+0.1000", "0.010", "0.3800", "0.3000", "0.4000", "-0.0200", "0.200"])
        means = [cell.strip() for cell in lines[4].split("|")[1:-1]]
        self.assertEqual(means, ["mean", "2,400", "20", "3.90 MB", "0.5500", "0.5000", "", "+0.0500", "", "0.3900", "0.3000", "0.4000", "-0.0100", ""])

    def test_a_setting_that_was_not_measured_has_no_columns(self):
        result = {**RESULT, "joint": None, "languages": {name: {k: v for k, v in e.items() if k != "joint"} for name, e in RESULT["languages"].items()}}
        text = languages_report.markdown("x", result, "m")
        self.assertNotIn("not told", text)
        self.assertIn("| mean |     2,400 |", text)

    def test_languages_at_above_and_below_are_counted(self):
        self.assertIn("at or above bm25s in 2 of 2 languages, above in 1 (p < 0.05: above in 2, below in 0).", languages_report.told(
            {"languages": {"de": entry(0.1, 0), "fr": entry(0.0, 0)}}, "alone"))
        self.assertIn("at or above bm25s in 0 of 1 languages, above in 0 (p < 0.05: above in 0, below in 1: de).", languages_report.told(
            {"languages": {"de": entry(-0.1, 0)}}, "alone"))

    def test_a_language_below_misses_the_bound_by_more_than_is_allowed(self):
        self.assertEqual(list(languages_report.below(RESULT, 0)), [("de", "joint", -0.02)])
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            self.assertFalse(languages_report.check("x", RESULT, 0.01))
            self.assertTrue(languages_report.check("x", RESULT, 0.03))
        self.assertIn("x, de, joint: -0.0200 to bm25s, the bound is -0.01", errors.getvalue())


class Measured(unittest.TestCase):
    def test_the_better_of_the_peers_ways_counts_in_each_language(self):
        judged = languages_sets.JudgedSet("x", pathlib.Path("."), ("de", "fr"))
        measured = languages_benchmark.Measured(judged, ["de", "fr"], ["alone", "joint"])
        measured.tandem = {"alone": {"de:1": 1.0, "fr:1": 0.5}, "joint": {"de:1": 0.5, "fr:1": 0.5}}
        measured.peer = {"alone": {"de:1": 0.5, "fr:1": 0.5}, "untold": {"de:1": 0.25, "fr:1": 0.75}, "told": {"de:1": 0.5, "fr:1": 0.25}}
        measured.states = {name: {"documents": 1, "index_bytes": 2} for name in ("de", "fr", "joint")}
        measured.treatments = {name: {"treatment": "marks", "tried": {}} for name in ("de", "fr")}
        found = measured.result()["languages"]
        self.assertEqual((found["de"]["joint"]["bm25s"], found["fr"]["joint"]["bm25s"]), (0.5, 0.75))
        self.assertEqual(found["de"]["alone"]["difference"], 0.5)
        self.assertEqual(list(measured.by_query())[1], "de:1\t1.0000\t0.5000\t0.5000\t0.2500\t0.5000")


class CommandLine(unittest.TestCase):
    def test_the_defaults(self):
        options = languages_benchmark.arguments([])
        self.assertEqual((options.sets, options.settings, options.languages, options.below_max), (["xquad", "debian"], ["alone", "joint"], None, 0))
        self.assertEqual(languages_benchmark.arguments(["--sets", "debian", "--languages", "de, fr"]).languages, ["de", "fr"])
        self.assertEqual(languages_translated.arguments(["to"]).languages, 19)

    def test_odd_ones_are_refused(self):
        for parse, line in (
            (languages_benchmark.arguments, ["--sets", "xquad,scifact"]), (languages_benchmark.arguments, ["--settings", ""]),
            (languages_benchmark.arguments, ["--below-max", "-1"]), (languages_translated.arguments, ["to", "--queries", "0"]), (languages_translated.arguments, [])):
            with self.subTest(line), contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as caught:
                parse(line)
            self.assertEqual(caught.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
