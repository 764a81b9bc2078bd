"""tools/bench-spelling's own arithmetic: words, mistakes, queries, measures, tables, bytes of the wire. Nothing is started or fetched."""

import contextlib
import io
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import spelling_benchmark, spelling_report, spelling_sets, spelling_wire, spelling_words  # noqa: E402
from crc32c import crc32c  # noqa: E402
from bench.spelling_sets import Query  # noqa: E402
from bench.spelling_words import DELETE, INSERT, KINDS, SUBSTITUTE, SWAP, Alphabet, distance, edited, letters, misspelt  # noqa: E402


class Letters(unittest.TestCase):
    def test_a_letter_has_its_marks(self):
        self.assertEqual(letters("हिन्दी"), ["हि", "न्", "दी"])
        self.assertEqual(letters("학교"), ["학", "교"])
        self.assertEqual(letters("cafe\u0301"), ["c", "a", "f", "e\u0301"])
        self.assertEqual(letters(""), [])

    def test_scripts(self):
        names = {"a": "LATIN", "ß": "LATIN", "я": "CYRILLIC", "한": "HANGUL", "ह": "DEVANAGARI", "字": "CJK", "3": None, "-": None}
        for letter, name in names.items():
            with self.subTest(letter):
                self.assertEqual(spelling_words.script(letter), name)

    def test_plain_words_are_letters_of_one_script(self):
        for word, plain in {"editor": True, "größe": True, "हिन्दी": True, "utf8": False, "x-y": False, "alsa를": False, "字": False, "": False}.items():
            with self.subTest(word):
                self.assertEqual(spelling_words.is_plain(word), plain)

    def test_an_alphabet_is_of_usual_letters_by_script(self):
        alphabet = Alphabet(["ab"] * 1000 + ["q", "яю", "a1"])
        self.assertEqual(alphabet.of, {"LATIN": ["a", "b"], "CYRILLIC": ["ю", "я"]})
        self.assertIn(alphabet.draw("ж", random.Random(1)), "юя")
        self.assertEqual(alphabet.draw("한", random.Random(1)), "한")

    def test_the_usual_script_is_counted_by_documents(self):
        self.assertEqual(spelling_words.usual_script({"one": 1, "two": 1, "три": 3, "4": 9}), "CYRILLIC")


class Words(unittest.TestCase):
    def test_words_are_folded_and_counted_once_a_text(self):
        found = spelling_words.vocabulary(["Don’t EDIT, edit it", "ＥＤＩＴ 3.14 snake_case node.js Straße"])
        self.assertEqual(found["edit"], 2)
        self.assertEqual({word for word, count in found.items() if count == 1}, {"don't", "it", "3.14", "snake_case", "node.js", "strasse"})

    def test_marks_belong_to_words(self):
        self.assertEqual(set(spelling_words.vocabulary(["हिन्दी भाषा"])), {"हिन्दी", "भाषा"})

    def test_runs_end_at_short_words_symbols_and_punctuation(self):
        text = "Simple image viewer (with plugins), for GNOME desktop; utf8 text-mode tools"
        self.assertEqual(list(spelling_words.runs(text)), [["simple", "image", "viewer"], ["with", "plugins"], ["gnome", "desktop"], ["tools"]])
        self.assertEqual(list(spelling_words.runs("a b c -")), [])


class Edits(unittest.TestCase):
    def test_distances(self):
        for a, b, edits in (("", "", 0), ("abc", "", 3), ("abc", "acb", 1), ("abc", "abd", 1), ("abc", "abcd", 1), ("abcd", "badc", 2), ("ca", "abc", 3)):
            with self.subTest(f"{a} {b}"):
                self.assertEqual((distance(a, b), distance(b, a)), (edits, edits))

    def test_each_kind_is_one_mistake_and_leaves_the_word_as_it_is(self):
        alphabet, word = Alphabet(["editors", "words"]), letters("editor")
        for kind, length in ((INSERT, 7), (DELETE, 5), (SUBSTITUTE, 6), (SWAP, 6)):
            for seed in range(50):
                made = edited(word, kind, alphabet, random.Random(seed))
                self.assertEqual(len(made), length, kind)
                self.assertLessEqual(distance(word, made), 1, kind)
        self.assertEqual("".join(word), "editor")
        self.assertEqual(sorted(edited(word, SWAP, alphabet, random.Random(1))), sorted(word))

    def test_a_swap_of_one_letter_changes_nothing(self):
        self.assertEqual(edited(["a"], SWAP, Alphabet(["a"]), random.Random(1)), ["a"])

    def test_mistakes_have_as_many_edits_as_they_say_and_are_no_words(self):
        known = {"editor": 3, "edito": 1, "editors": 1, "eidtor": 1}
        alphabet, counted = Alphabet(["abcdefghijklmnopqrstuvwxyz"]), {1: 0, 2: 0}
        for seed in range(2000):
            text, edits = misspelt("editor", alphabet, known, random.Random(seed))
            self.assertNotIn(text, known)
            self.assertEqual(distance("editor", text), edits)
            counted[edits] += 1
        self.assertAlmostEqual(counted[2] / 2000, spelling_words.TWO_EDITS, delta=0.03)

    def test_mistakes_stay_in_the_script(self):
        alphabet = Alphabet(["словарь", "пакет", "editor", "학교에서", "हिन्दी"])
        for word, name in (("словарь", "CYRILLIC"), ("학교에서", "HANGUL"), ("हिन्दी", "DEVANAGARI")):
            for seed in range(100):
                made, _ = misspelt(word, alphabet, {word}, random.Random(seed))
                self.assertEqual({spelling_words.script(letter) for letter in letters(made)}, {name})

    def test_no_mistake_where_every_one_is_a_word(self):
        self.assertIsNone(misspelt("aa", Alphabet(["aa"]), {"a", "aa", "aaa", "aaaa", ""}, random.Random(1)))


class Sets(unittest.TestCase):
    ENTRIES = {
        f"package{number}": (f"simple {colour} viewer", f"A simple viewer, which is {colour}. Number {number}.")
        for number, colour in enumerate(["green", "black", "white", "brown", "amber", "olive"])} | {"twin": ("simple green viewer of twins", "About green black white brown amber olive.")}

    def test_queries_are_of_known_words_with_one_of_them_harmed(self):
        made = spelling_sets.collection("en", self.ENTRIES, 100)
        self.assertEqual({query.kind for query in made.queries}, set(spelling_sets.KINDS))
        for query in made.queries:
            low, high = spelling_sets.KINDS[query.kind]
            words, harmed = query.unharmed.split(" "), query.harmed.split(" ")
            self.assertTrue(low <= len(words) <= high)
            self.assertEqual([(a, b) for a, b in zip(words, harmed) if a != b], [(query.word, query.typed)])
            self.assertTrue(all(made.known[word] >= spelling_sets.DOCUMENTS_MIN for word in words))
            self.assertNotIn(query.typed, made.known)
            self.assertIn(query.unharmed, self.ENTRIES[query.package][0])
        for kind in spelling_sets.KINDS:
            texts = [query.unharmed for query in made.queries if query.kind == kind]
            self.assertEqual(len(texts), len(set(texts)))

    def test_the_same_seed_gives_the_same_queries(self):
        first, again, other = (spelling_sets.collection("en", self.ENTRIES, 3, seed).queries for seed in (1, 1, 2))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_rare_words_end_a_run(self):
        known = {"simple": 2, "image": 1, "viewer": 2, "plugins": 2}
        self.assertEqual(list(spelling_sets.runs_of_known("simple image viewer plugins", known)), [["simple"], ["viewer", "plugins"]])

    def test_the_peer_is_given_plain_words_in_order(self):
        self.assertEqual(list(spelling_sets.plain({"viewer": 2, "utf8": 3, "editor": 1}).items()), [("editor", 1), ("viewer", 2)])

    def test_halves_and_words_that_one_lacks(self):
        documents = {str(number): f"text{'x' * number}" for number in range(100)}
        first, second = spelling_sets.halves(documents)
        self.assertEqual(first | second, documents)
        self.assertFalse(first.keys() & second.keys())
        self.assertTrue(30 < len(first) < 70)
        known, words = spelling_sets.unheard_of({"a": "apple banana"}, {"b": "apple cherry once", "c": "cherry utf8 fig", "d": "utf8 fig"}, 10)
        self.assertEqual((known, words), ({"apple": 1, "banana": 1}, ["cherry"]))


class Measures(unittest.TestCase):
    QUERIES = [
        Query("a", "1", "editor", "edtor", "editor", "edtor", 1), Query("b", "1", "viewer", "vwr", "viewer", "vwr", 2),
        Query("c", "2", "image viewer", "imge viewer", "image", "imge", 1), Query("d", "3+", "small image viewer", "small image viewr", "viewer", "viewr", 1)]

    def test_verdicts(self):
        self.assertEqual([spelling_report.verdict(text, "editor") for text in ("Editor", "editors", None)], ["right", "wrong", "none"])

    def test_shares_by_edits_and_kind(self):
        found = spelling_report.shares(self.QUERIES, ["right", "none", "wrong", "right"])
        self.assertEqual([found[name] for name in ("right", "wrong", "none")], [0.5, 0.25, 0.25])
        self.assertEqual(found["edits"], {"1": 2 / 3, "2": 0.0})
        self.assertEqual(found["kind"], {"1": 0.5, "2": 0.0, "3+": 1.0})

    def test_engines_are_compared_on_the_same_queries(self):
        ours = [query.unharmed for query in self.QUERIES]
        found = spelling_report.quality(self.QUERIES, {"tandem": ours, "top": ours, "compound": [None] * 4})
        self.assertEqual((found["tandem"]["right"], found["compound"]["none"]), (1.0, 1.0))
        self.assertEqual(found["top"]["p"], 1.0)
        self.assertLess(found["compound"]["p"], 0.2)
        self.assertNotIn("p", found["tandem"])

    def test_finding_one_document(self):
        found = spelling_report.known_item([["a"], ["x", "b"], ["x"], []], ["a", "b", "c", "d"])
        self.assertEqual(found["success@10"], 0.5)
        self.assertAlmostEqual(found["ndcg@10"], (1 + 0.6309297535714575) / 4)

    def test_percentiles(self):
        self.assertEqual(spelling_report.percentile(range(1, 101), 99), 99)
        self.assertEqual(spelling_report.percentile([7], 99), 7)
        self.assertEqual(spelling_report.percentile([], 99), 0)
        self.assertEqual(spelling_report.latency([1, 2, 3, 400]), {"p50": 2.5, "p99": 400})

    def test_the_tables_have_a_row_a_language(self):
        verdict = {"right": 0.5, "wrong": 0.25, "none": 0.25, "edits": {"1": 0.6, "2": 0.4}, "kind": {"1": 0.1, "2": 0.2, "3+": 0.3}}
        rival = verdict | {"right": 0.4, "p": 0.0001}
        alarms = {"tandem": 0.01, "top": 0.0, "compound": 0.5}
        finding = {way: {"ndcg@10": 0.5, "success@10": 0.75} for way in ("harmed", "retry", "peer", "unharmed")}
        times = {way: {"p50": 150, "p99": 2500} for way in ("off", "suggest", "stage", "unharmed", "unharmed_suggest", "unharmed_stage")}
        entry = {
            "documents": 12345, "words": 678, "queries": 9, "quality": {"tandem": verdict, "top": rival, "compound": rival}, "found_by_form": 0.2,
            "alarms": {"known": alarms, "new": alarms, "new_words": 10}, "finding": finding, "time": times}
        text = spelling_report.markdown({"languages": {"de": entry}, "peer": "peer==1", "queries": 9, "seed": 1}, "machine", "load")
        rows = [line for line in text.splitlines() if line.startswith("| de")]
        self.assertEqual(len(rows), 5)
        self.assertEqual([cell.strip() for cell in rows[0].split("|")[2:15]], ["12,345", "678", "9", "50.0", "60.0", "40.0", "10.0", "20.0", "30.0", "40.0", "+10.0", "< .001", "40.0"])
        self.assertIn("0.15 / 2.50", rows[4])
        for header, row in zip([line for line in text.splitlines() if line.startswith("|  ")], rows):
            self.assertEqual(header.count("|"), row.count("|"))
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertTrue(spelling_report.check({"de": entry}, 0))
            self.assertFalse(spelling_report.check({"de": entry | {"quality": {"tandem": rival, "top": verdict}}}, 0.05))
            self.assertTrue(spelling_report.check({"de": entry | {"quality": {"tandem": rival, "top": verdict}}}, 0.2))


class Wire(unittest.TestCase):
    def test_checksums(self):
        # The frame of docs/formats/wire-protocol.md, and the check value of CRC-32C.
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)
        head = bytes.fromhex("540103030000000100000018")
        payload = bytes.fromhex("0006083010 90a10f 0a056e6f746573 120568656c6c6f 4003")
        self.assertEqual(crc32c(head, payload), 0x304E9DF8)

    def test_fields_come_back(self):
        message = spelling_wire.field(1, "né") + spelling_wire.field(17, 300) + spelling_wire.field(20, b"")
        self.assertEqual(list(spelling_wire.fields(message)), [(1, "né".encode()), (17, 300), (20, b"")])
        with self.assertRaises(spelling_wire.MeasurementError):
            list(spelling_wire.fields(b"\x0b"))

    def test_answers(self):
        field = spelling_wire.field
        hit = field(1, "apt") + field(2, 7) + b"\x19" + bytes(8)
        message = field(1, hit) + field(8, 5) + field(10, field(1, "spelling") + field(2, 90)) + field(17, 123) + field(20, field(1, "editor") + field(2, 1))
        found = spelling_wire.answer(message)
        self.assertEqual((found.ids, found.matched, found.us, found.stages), (["apt"], 5, 123, {"spelling": 90}))
        self.assertEqual((found.suggestion, found.is_applied, found.degraded), ("editor", True, False))
        self.assertIsNone(spelling_wire.answer(b"").suggestion)

    def test_requests_say_what_is_wanted(self):
        made = dict(spelling_wire.fields(spelling_wire.request("c", "text", spelling_wire.SUGGEST)))
        self.assertEqual(made, {1: b"c", 2: b"text", 4: 1, 8: 10, 20: b"", 34: b"\x08\x01"})
        self.assertNotIn(34, dict(spelling_wire.fields(spelling_wire.request("c", "text"))))


class CommandLine(unittest.TestCase):
    def test_the_defaults(self):
        options = spelling_benchmark.arguments([])
        self.assertEqual((tuple(options.languages), options.queries, options.below_max, options.json), (spelling_benchmark.LANGUAGES, 1000, 0, None))
        self.assertEqual(spelling_benchmark.arguments(["--languages", "de, fr"]).languages, ["de", "fr"])

    def test_odd_ones_are_refused(self):
        for line in (["--languages", ","], ["--queries", "0"], ["--below-max", "2"], ["--json"], ["more"]):
            with self.subTest(line), contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as caught:
                spelling_benchmark.arguments(line)
            self.assertEqual(caught.exception.code, 2)

    def test_every_kind_of_mistake_has_a_name(self):
        self.assertEqual(len(set(KINDS)), 4)


if __name__ == "__main__":
    unittest.main()
