"""Goal: what scripts rely on holds for the real executables, from import to backup, over a kill -9 and restarts.

Method: one small collection, whose answers are known by construction, through `tandem` against `tandemd` over loopback.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest
from random import Random

from daemon import BIN, HAS_MODELS, MODELS, NEEDS_MODELS, Daemon

COLOURS = ["red", "green", "blue", "yellow", "violet"]


def corpus(count):
    """Documents d0 … : each has a word of its own, a colour that a fifth share, and its number as an attribute."""
    for i in range(count):
        yield {"_id": f"d{i}", "title": f"Document {i}", "text": f"unique{i} and the colour {COLOURS[i % 5]}", "number": i, "colour": COLOURS[i % 5]}


def write_lines(path, documents):
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")


class DaemonCase(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="tandem-e2e-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def start(self, folder, models=None):
        daemon = Daemon(folder, models)
        self.addCleanup(daemon.kill)
        return daemon

    def ids(self, *arguments):
        return [hit["id"] for hit in self.daemon.json("search", "things", *arguments)["hits"]]


class Keywords(DaemonCase):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(self.scratch / "data")

    def load(self, count=500):
        self.daemon.tandem("collection", "create", "things", "--model", "none", "--attribute", "number:int64", "--attribute", "colour:keyword")
        lines = self.scratch / "corpus.jsonl"
        write_lines(lines, corpus(count))
        return self.daemon.json("import", "things", lines)

    def test_what_was_imported_is_found_filtered_read_and_deleted(self):
        self.assertEqual(self.load()["documents"], 500)
        self.assertEqual(self.ids("unique123", "--limit", 1), ["d123"])
        answer = self.daemon.json("search", "things", "violet", "--filter", "number >= 490", "--limit", 10)
        self.assertEqual({hit["id"] for hit in answer["hits"]}, {"d494", "d499"})
        self.assertEqual(answer["mode"], "lexical")
        self.assertIn("semantic", [entry["stage"] for entry in answer["degraded"]])
        document = json.loads(self.daemon.tandem("get", "things", "d7", "--json"))
        self.assertEqual(document["fields"]["number"], [7])
        self.daemon.tandem("delete", "things", "d123")
        self.assertEqual(self.ids("unique123"), [])
        self.assertEqual(self.daemon.run("get", "things", "d123").returncode, 1)

    def test_synonyms_are_set_from_a_file_shown_used_and_cleared(self):
        self.load()
        rules = self.scratch / "synonyms.txt"
        rules.write_text("# colours\nmauve, violet\nlilac => light violet, violet\n")
        self.assertEqual(self.ids("mauve"), [])
        self.assertEqual(self.daemon.tandem("synonyms", "set", "things", rules), "collection 'things' has 2 synonym rules now, 0 before\n")
        violet = set(self.ids("violet", "--limit", 500))
        self.assertTrue(violet)
        self.assertEqual(set(self.ids("mauve", "--limit", 500)), violet)
        self.assertEqual(set(self.ids("Lilac", "--limit", 500)), violet)
        self.assertEqual(self.ids("mauve", "--no-synonyms"), [])
        self.assertEqual(self.daemon.tandem("synonyms", "show", "things"), "mauve, violet\nlilac => light violet, violet\n")
        self.assertIn("2 rules", self.daemon.tandem("collection", "show", "things"))
        self.assertIn("light violet", self.daemon.tandem("analyze", "--collection", "things", "--query", "lilac"))
        for text, reason in (("violet\n", "line 1"), ("", "no rules"), ("a, ***\n", "rule 1")):
            rules.write_text(text)
            refused = self.daemon.run("synonyms", "set", "things", rules)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(reason, refused.stderr)
        # Rules outlive the daemon.
        self.daemon.stop()
        self.daemon = self.start(self.scratch / "data")
        self.assertEqual(set(self.ids("mauve", "--limit", 500)), violet)
        self.assertIn("removed 2 synonym rules", self.daemon.tandem("synonyms", "clear", "things"))
        self.assertEqual(self.ids("mauve"), [])

    def test_a_misspelt_word_is_suggested_or_searched_for_corrected(self):
        self.load()
        shown = self.daemon.tandem("search", "things", "viloet")
        self.assertIn("did you mean: violet\n", shown)
        answer = self.daemon.json("search", "things", "viloet", "--spelling", "retry")
        self.assertEqual((answer["spelling"]["text"], answer["spelling"]["applied"]), ("violet", True))
        self.assertEqual([hit["id"] for hit in answer["hits"]], self.ids("violet"))
        self.assertIn("searched for 'violet'", self.daemon.tandem("search", "things", "viloet", "--spelling", "retry"))
        self.assertNotIn("spelling", self.daemon.json("search", "things", "viloet", "--spelling", "off"))
        self.assertNotIn("spelling", self.daemon.json("search", "things", "violet"))
        self.assertNotIn("spelling", self.daemon.json("search", "things", "uniqe123"))
        self.assertEqual(self.daemon.json("search", "things", "uniqe123", "--spelling-of-codes")["spelling"]["text"], "unique123")

    def test_passages_are_marked_for_people_and_have_byte_offsets_for_programs(self):
        self.daemon.tandem("collection", "create", "things", "--model", "none")
        text = "Nothing yet. Zwei Cafe\u0301s \U0001F1E9\U0001F1EA and a fox. " + "More of the same here. " * 40 + "The fox ends it."
        write_lines(self.scratch / "one.jsonl", [{"_id": "d", "title": "Foxes", "text": text}])
        self.daemon.tandem("import", "things", self.scratch / "one.jsonl")
        arguments = ("search", "things", "fox caf\u00e9s", "--highlight", "--passages", 2, "--passage-length", 60)
        highlights = self.daemon.json(*arguments)["hits"][0]["highlights"]
        self.assertEqual([entry["field"] for entry in highlights], ["title", "text"])
        passages = highlights[1]["passages"]
        self.assertEqual([passage["text"] for passage in passages], ["Zwei Cafe\u0301s \U0001F1E9\U0001F1EA and a fox. More of the same here.", "More of the same here. The fox ends it."])
        stored = text.encode()
        for passage in passages:
            self.assertEqual(stored[passage["start"]:passage["end"]].decode(), passage["text"])
        marked = [(stored[match["start"]:match["end"]].decode(), match["terms"]) for match in passages[0]["matches"]]
        self.assertEqual(marked, [("Cafe\u0301s", ["caf\u00e9s"]), ("fox", ["fox"])])
        shown = self.daemon.tandem(*arguments)
        self.assertIn("title: **Foxes**\n", shown)
        self.assertIn("text: \u2026 Zwei **Cafe\u0301s** \U0001F1E9\U0001F1EA and a **fox**. More of the same here. \u2026\n", shown)
        refused = self.daemon.run("search", "things", "fox", "--highlight", "--highlight-fields", "body")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("'body' is no text field", refused.stderr)

    def test_phrases_fuzzy_words_neighbours_and_documents_like_one_another(self):
        self.daemon.tandem("collection", "create", "things", "--model", "none")
        texts = {"a": "the quick brown fox jumps", "b": "brown and quick is the fox", "c": "quick quack", "d": "nothing of it", "e": "a fox, a brown one"}
        write_lines(self.scratch / "texts.jsonl", [{"_id": name, "text": text} for name, text in texts.items()])
        self.daemon.tandem("import", "things", self.scratch / "texts.jsonl", "--wait", "searchable")
        strict = ("--syntax", "strict")
        self.assertEqual(self.ids('"quick brown fox"', *strict), ["a"])
        self.assertEqual(self.ids('"brown quick"~1', *strict), ["b"])
        self.assertEqual(set(self.ids('"brown quick"~2', *strict)), {"a", "b"})
        marked = {
            hit["id"]: [texts[hit["id"]][match["start"]:match["end"]] for match in hit["highlights"][0]["passages"][0]["matches"]]
            for hit in self.daemon.json("search", "things", '"brown fox" OR "brown quick"~1 OR *', "--highlight", *strict)["hits"] if "highlights" in hit
        }
        self.assertEqual(marked, {"a": ["brown", "fox"], "b": ["brown", "quick"]})
        explained = self.daemon.json("search", "things", '"brown quick"~1', "--explain", *strict)["hits"][0]
        (term,) = explained["explanation"]["terms"]
        self.assertAlmostEqual(term["score"], explained["lexical"], 12)
        self.assertEqual([(match["field"], match["form"], match["frequency"]) for match in term["matches"]], [("text", "phrase", 0.5)])
        shown = self.daemon.tandem("search", "things", '"brown quick"~1', "--explain", *strict)
        self.assertIn("text: phrase '\"brown quick\"~1' \u00d7 0.5000, weight 1.00, length 6", shown)
        self.assertEqual(self.ids("quack~1", *strict)[0], "c")
        self.assertEqual(set(self.ids("quack~1", *strict)), {"a", "b", "c"})
        self.assertEqual(set(self.ids("qiuck~ -jumps", *strict)), {"b", "c"})
        refused = self.daemon.run("search", "things", "quick~3", *strict)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("column 6: '~' behind a word wants a number from 0 to 2", refused.stderr)
        self.assertEqual(self.ids("brown fox", "--proximity", "0.5")[0], "a")
        self.assertEqual(set(self.ids("--like", "a")), {"b", "c", "e"})
        self.assertEqual(self.daemon.run("search", "things", "--like", "nobody").returncode, 1)
        self.assertEqual(self.daemon.run("search", "things", "fox", "--like", "a").returncode, 2)
        self.daemon.tandem("delete", "things", "d")
        merged = self.daemon.tandem("collection", "merge", "things")
        self.assertRegex(merged, r"document segments (1|\d+ -> 1), vector segments 0")
        self.assertEqual(self.ids('"quick brown fox"', *strict), ["a"])
        self.assertIn("all is well", self.daemon.tandem("check"))

    def test_conditions_leave_documents_alone(self):
        self.load(3)
        lines = '{"_id": "d1", "text": "changed"}\n{"_id": "new", "text": "fresh"}\n'
        done = self.daemon.json("import", "things", "-", "--insert-only", stdin=lines)
        self.assertEqual((done["documents"], done["unchanged"]), (1, 1))
        self.assertEqual(self.ids("changed"), [])
        self.assertEqual(self.ids("fresh"), ["new"])
        done = self.daemon.json("import", "things", "-", "--update-only", stdin=lines.replace("new", "newer"))
        self.assertEqual((done["documents"], done["unchanged"]), (1, 1))
        self.assertEqual(self.ids("changed"), ["d1"])
        version = json.loads(self.daemon.tandem("get", "things", "d1", "--json"))["version"]
        refused = self.daemon.run("delete", "things", "d1", "--if-version", version - 1)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(str(version), refused.stderr)
        self.assertEqual(self.daemon.json("delete", "things", "d1", "d1", "--if-version", version)["deleted"], 1)
        self.assertEqual(self.ids("changed"), [])

    def test_a_collection_that_cannot_be_opened_leaves_the_others_served(self):
        self.load(3)
        self.daemon.tandem("collection", "create", "broken", "--model", "none")
        self.daemon.stop()
        manifest = self.scratch / "data" / "collections" / "broken" / "COLLECTION"
        manifest.write_bytes(manifest.read_bytes()[:-3])
        self.daemon = self.start(self.scratch / "data")
        self.assertEqual(self.ids("unique1", "--limit", 1), ["d1"])
        status = self.daemon.json("status")
        self.assertEqual(status["health"]["status"], "degraded")
        self.assertIn("broken", status["health"]["problems"][0])
        self.assertIn("problem", next(entry for entry in status["collections"] if entry["name"] == "broken"))
        checked = self.daemon.run("check")
        self.assertEqual(checked.returncode, 1)
        self.assertIn("COLLECTION", checked.stdout + checked.stderr)
        refused = self.daemon.run("search", "broken", "red")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("could not be opened", refused.stderr)
        self.daemon.tandem("collection", "drop", "broken")
        self.assertEqual(self.daemon.json("status")["health"]["status"], "serving")

    def test_the_same_import_twice_changes_nothing_that_a_search_shows(self):
        self.load()
        before = self.daemon.json("search", "things", "colour red", "--limit", 100)["hits"]
        self.daemon.tandem("import", "things", self.scratch / "corpus.jsonl", "--no-resume")
        after = self.daemon.json("search", "things", "colour red", "--limit", 100)["hits"]
        self.assertEqual([(hit["id"], hit["score"]) for hit in before], [(hit["id"], hit["score"]) for hit in after])
        self.assertEqual(self.daemon.json("collection", "show", "things")["documents"], 500)

    def test_the_first_bad_line_is_named_by_its_number(self):
        self.load(3)
        done = self.daemon.run("import", "things", "-", stdin='{"_id": "a", "text": "good"}\n{"_id": "b", "text": \n')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\b2\b")

    def test_acknowledged_writes_survive_kill_9_and_the_start_says_what_it_replayed(self):
        self.load()
        self.daemon.kill()
        self.daemon = self.start(self.scratch / "data")
        self.assertEqual(self.ids("unique499", "--limit", 1), ["d499"])
        status = self.daemon.json("collection", "show", "things")
        self.assertEqual(status["documents"], 500)
        self.assertIn("replay", self.daemon.log.read_text())

    def test_sigterm_ends_it_within_five_seconds_and_the_data_open_again(self):
        self.load()
        code, seconds = self.daemon.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 5)
        self.daemon = self.start(self.scratch / "data")
        self.assertEqual(self.ids("unique0", "--limit", 1), ["d0"])

    def test_sigterm_gives_up_a_forced_merge_and_tells_whoever_asked_for_it(self):
        self.daemon.tandem("collection", "create", "things", "--model", "none")
        random = Random(7)
        lines = self.scratch / "corpus.jsonl"
        write_lines(lines, ({"_id": f"d{i}", "text": " ".join(f"w{int(random.paretovariate(0.4)) % 900_000}" for _ in range(80))} for i in range(100_000)))
        self.daemon.tandem("import", "things", lines)
        environment = dict(os.environ, TANDEM_ADDRESS=self.daemon.address)
        merge = subprocess.Popen([BIN / "tandem", "collection", "merge", "things"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(merge.kill)
        time.sleep(0.3)
        code, seconds = self.daemon.stop()
        said = merge.communicate(timeout=30)[1]
        self.assertEqual(code, 0)
        self.assertLess(seconds, 4)
        self.assertEqual(merge.returncode, 1, said)
        self.assertIn("the merge was given up", said)
        left = [path.name for path in (self.scratch / "data").rglob("*.tmp")]
        self.assertEqual(left, [])
        self.daemon = self.start(self.scratch / "data")
        self.assertEqual(self.daemon.json("collection", "show", "things")["documents"], 100_000)

    def test_a_second_daemon_on_the_same_data_is_refused(self):
        with self.assertRaisesRegex(AssertionError, "did not start"):
            self.start(self.scratch / "data")

    def test_a_damaged_or_incomplete_backup_is_refused(self):
        self.load()
        self.daemon.tandem("backup", self.scratch / "damaged")
        folder = next((self.scratch / "damaged" / "collections").iterdir())
        for path, change in [
            (folder / "COLLECTION", lambda content: content[:-9] + bytes([content[-9] ^ 0xFF]) + content[-8:]),
            (folder / "store" / "CURRENT", lambda content: None),
        ]:
            whole = path.read_bytes()
            path.unlink()  # It may be a hard link of the daemon's own file: replaced, never written into.
            changed = change(whole)
            if changed is not None:
                path.write_bytes(changed)
            done = self.daemon.run("restore", self.scratch / "damaged", "--data", self.scratch / "never")
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("cannot be restored", done.stderr)
            self.assertFalse((self.scratch / "never" / "collections").exists())
            path.write_bytes(whole)
        self.daemon.tandem("restore", self.scratch / "damaged", "--data", self.scratch / "never")

    def test_a_backup_is_restored_and_answers_alike(self):
        self.load()
        before = self.daemon.json("search", "things", "colour green", "--limit", 20)["hits"]
        self.daemon.tandem("backup", self.scratch / "backup")
        self.daemon.tandem("delete", "things", "d1", "d6")
        self.daemon.tandem("restore", self.scratch / "backup", "--data", self.scratch / "restored")
        self.daemon = self.start(self.scratch / "restored")
        after = self.daemon.json("search", "things", "colour green", "--limit", 20)["hits"]
        self.assertEqual([(hit["id"], hit["score"]) for hit in before], [(hit["id"], hit["score"]) for hit in after])

    def test_every_flipped_byte_of_a_backups_documents_is_noticed(self):
        self.load()
        self.daemon.stop()
        self.daemon = self.start(self.scratch / "data")  # What the log held is in tables now.
        self.daemon.tandem("backup", self.scratch / "backup")
        table = max(self.scratch.glob("backup/collections/*/store/*.sst"), key=lambda path: path.stat().st_size)
        whole = table.read_bytes()
        table.unlink()
        random = Random(2026)
        for _ in range(20):
            # Not the table's own statistics at its end (docs/robustness.md).
            place = random.randrange(len(whole) - 1500)
            table.write_bytes(whole[:place] + bytes([whole[place] ^ random.randrange(1, 256)]) + whole[place + 1:])
            done = subprocess.run([BIN / "tandemd", "--verify-backup", self.scratch / "backup"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1, f"byte {place} of {len(whole)}")
        table.write_bytes(whole)
        subprocess.run([BIN / "tandemd", "--verify-backup", self.scratch / "backup"], check=True, capture_output=True)

    def test_a_restore_into_or_from_a_living_folder_is_refused(self):
        self.load(3)
        self.daemon.tandem("backup", self.scratch / "backup")
        for source, target, word in [
            (self.scratch / "backup", self.scratch / "data" / "inside", "inside the data folder"),
            (self.scratch / "backup", self.scratch / "backup" / "inside", "inside the backup"),
            (self.scratch / "data", self.scratch / "copy", "running daemon"),
        ]:
            done = self.daemon.run("restore", source, "--data", target)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(word, done.stderr)
            self.assertFalse(target.exists())

    def test_vectors_of_ones_own_are_not_rebuilt_away(self):
        self.daemon.tandem("collection", "create", "things", "--vector-dimension", "3", "--text-field", "text", "--vector-field", "v", "--metric", "dot")
        self.daemon.tandem("import", "things", "-", stdin='{"_id": "a", "text": "red", "v": [1, 0, 0]}\n')
        schema = self.daemon.json("collection", "show", "things")["schema"]
        self.assertEqual(schema["vector_fields"], [{"name": "v", "dimension": 3, "metric": "dot", "quantization": "binary"}])
        if HAS_MODELS:
            self.daemon.stop()
            self.daemon = self.start(self.scratch / "data", MODELS)
            done = self.daemon.run("collection", "rebuild", "things", "--model", "all-MiniLM-L6-v2", "--wait")
            self.assertEqual(done.returncode, 1)
            self.assertIn("vectors of its own", done.stderr)
        self.assertEqual(self.daemon.run("collection", "create", "x", "--model", "none", "--metric", "dot").returncode, 2)

    def test_several_vector_fields_and_vectors_of_chunks(self):
        create = ("collection", "create", "things", "--vector-field", "text-v:3", "--vector-field", "image:2:dot")
        self.daemon.tandem(*create)
        documents = [
            {"_id": "a", "text": "red shoe", "text-v": [[1, 0, 0], [0, 1, 0]], "image": [1, 0]},
            {"_id": "b", "text": "blue shoe", "text-v": [0, 0, 2]},
            {"_id": "c", "text": "red hat", "image": [[0, 1], [3, 0], [0, 2]]},
        ]
        write_lines(self.scratch / "chunks.jsonl", documents)
        self.daemon.tandem("import", "things", self.scratch / "chunks.jsonl", "--wait", "complete")
        semantic = ("--mode", "semantic", "--vector")

        def found(*arguments):
            return [(hit["id"], hit["semantic"]) for hit in self.daemon.json("search", "things", *semantic, *arguments)["hits"]]

        def expect_all():
            deadline = time.monotonic() + 30
            while (state := self.daemon.json("collection", "show", "things"))["vector_applied_sequence"] < state["last_sequence"]:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            self.assertEqual(found("0,1,0"), [("a", 1), ("b", 0)])
            self.assertEqual(found("[2, 1]", "--vector-field", "image"), [("c", 6), ("a", 2)])
            self.assertEqual([id for id, _ in found("-1,0", "--vector-field", "image")], ["c", "a"])
            hybrid = self.daemon.json("search", "things", "red", "--vector", "0,1", "--vector-field", "image")
            self.assertEqual([(hit["id"], hit["has_vector"]) for hit in hybrid["hits"]], [("c", True), ("a", True)])

        def recommended(*arguments):
            options = [word for argument in arguments for word in ("--recommend", argument)]
            return [(hit["id"], hit["semantic"]) for hit in self.daemon.json("search", "things", *options, "--vector-field", "image")["hits"]]

        def expect_recommended():
            # The mean of c's vectors is (1, 1); no example is a hit.
            self.assertEqual(recommended("c=2"), [("a", 2)])
            self.assertEqual(recommended("a=-1"), [("c", 0)])
            self.assertEqual(recommended("a", "c=-0.5"), [])

        expect_all()
        expect_recommended()
        for arguments, code, word in (
            (("--recommend", "nobody"), 1, "no document 'nobody' that searches see"),
            (("--recommend", "b", "--vector-field", "image"), 1, "example 'b' has no vector in field 'image'"),
            (("--recommend", "a", "--recommend", "a"), 1, "example 'a' is named twice"),
            (("--recommend", "a=0"), 1, "their sum has no direction"),
            (("--recommend", "a", "--like", "b"), 2, "--like b: takes the place"),
        ):
            refused = self.daemon.run("search", "things", *arguments)
            self.assertEqual(refused.returncode, code, arguments)
            self.assertIn(word, refused.stderr)
        held = self.daemon.json("collection", "show", "things")
        self.assertEqual([(field["name"], field["vectors"]) for field in held["vector_fields"]], [("text-v", 3), ("image", 4)])
        self.assertEqual([field["metric"] for field in held["schema"]["vector_fields"]], ["cosine", "dot"])
        shown = self.daemon.tandem("collection", "show", "things")
        self.assertIn("text-v, 3 \u00d7 f32, cosine, binary; 3 vectors", shown)
        self.assertIn("image, 2 \u00d7 f32, dot, binary; 4 vectors", shown)
        # What is read back can be imported.
        stored = json.loads(self.daemon.tandem("get", "things", "a", "--json"))["fields"]
        self.assertEqual((stored["text-v"], stored["image"]), ([[1, 0, 0], [0, 1, 0]], [1, 0]))
        for arguments, word in (
            (("0,1,0", "--vector-field", "image"), "vector field 'image': the vector has 3 components, expected 2"),
            (("0,1", "--vector-field", "picture"), "vector field 'picture' is not in the schema; it has 'text-v', 'image'"),
        ):
            refused = self.daemon.run("search", "things", *semantic, *arguments)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(word, refused.stderr)
        many = json.dumps({"_id": "m", "image": [[1, 1]] * 1025})
        refused = self.daemon.run("import", "things", "-", stdin=many + "\n")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("vector field 'image': 1025 vectors; a document has at most 1024 in a field", refused.stderr)
        self.daemon.kill()
        self.daemon = self.start(self.scratch / "data")
        expect_all()
        self.daemon.tandem("collection", "merge", "things")
        expect_all()
        expect_recommended()
        self.assertEqual(self.daemon.json("check")["findings"], [])
        self.daemon.stop()
        self.daemon = self.start(self.scratch / "data")
        expect_all()

    def test_many_vectors_are_searched_through_a_graph_and_exactly_on_request(self):
        # As many as are sealed at once: of more, the background may give those a graph before the merge does.
        count = 16_384
        numbers = Random(7)
        vectors = [[round(numbers.gauss(3 * ((i * 31 + axis * 17) % 5), 1.5), 3) for axis in range(16)] for i in range(count)]
        write_lines(self.scratch / "many.jsonl", [{"_id": f"n{i}", "text": "a thing", "v": vector} for i, vector in enumerate(vectors)])
        # Of fewer than 32 components int8 codes are compared, of more 1-bit codes are read first.
        for name, dimension, told_of in (
            ("narrow", 16, r"semantic leg: exact, 6,000 vectors compared"),
            ("wide", 32, r"semantic leg: 6,000 vectors estimated from 1-bit codes, [\d,]+ compared in 8 bits, \d+ scored in full"),
        ):
            rows = [(vectors[i] + vectors[i + 1])[:dimension] for i in range(6000)]
            self.daemon.tandem("collection", "create", name, "--vector-field", f"v:{dimension}")
            write_lines(self.scratch / "few.jsonl", [{"_id": f"n{i}", "text": "a thing", "v": row} for i, row in enumerate(rows)])
            self.daemon.tandem("import", name, self.scratch / "few.jsonl", "--wait", "complete")
            self.daemon.tandem("collection", "merge", name, "--timeout", "120")
            self.assertRegex(self.daemon.tandem("search", name, "--mode", "semantic", "--vector", str(rows[4711])), told_of)
        self.daemon.tandem("collection", "create", "many", "--vector-field", "v:16")
        self.daemon.tandem("import", "many", self.scratch / "many.jsonl", "--wait", "complete")
        self.daemon.tandem("collection", "merge", "many", "--timeout", "120")
        field = self.daemon.json("collection", "show", "many")["vector_fields"][0]
        self.assertEqual([field[key] for key in ("graphs", "vectors_in_graphs", "graphs_built")], [1, count, 1])
        self.assertRegex(self.daemon.tandem("collection", "show", "many"), r"16,384 in 1 graph, [\d.]+ MB to search in \(\d+ bytes a vector\), [\d.]+ MB at full precision")

        def search(*options):
            return self.daemon.json("search", "many", "--mode", "semantic", "--vector", str(vectors[4711]), "--fields", "", *options)

        exact, found = search("--exact"), search("--effort", "0.5")
        self.assertEqual((exact["semantic"]["exact"], exact["semantic"]["flat_segments"], exact["semantic"]["scanned"]), (True, 1, count))
        self.assertEqual((found["semantic"]["exact"], found["semantic"]["graph_segments"], found["approximate"]), (False, 1, True))
        self.assertLess(found["semantic"]["visited"], 400)
        self.assertEqual(found["hits"][0], exact["hits"][0])
        self.assertGreaterEqual(len({hit["id"] for hit in found["hits"]} & {hit["id"] for hit in exact["hits"]}), 8)
        told = self.daemon.tandem("search", "many", "--mode", "semantic", "--vector", str(vectors[4711]), "--target-recall", "0.9")
        self.assertRegex(told, r"semantic leg: \d+ nodes visited in 1 graph, \d+ scored in full")
        refused = self.daemon.run("search", "many", "--vector", "1", "--exact", "--effort", "1")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("give one of them", refused.stderr)
        self.assertRegex(self.daemon.tandem("metrics"), r'tandem_vector_field_graph_vectors\{collection="many",field="v"\} 16384')
        self.assertEqual(self.daemon.run("check", "many").returncode, 0)

    def test_check_finds_whole_data_whole(self):
        self.load()
        self.assertEqual(self.daemon.json("check")["findings"], [])

    def test_exit_codes_are_0_1_and_2(self):
        self.assertEqual(self.daemon.run("status", "--json").returncode, 0)
        self.assertEqual(self.daemon.run("search", "missing", "text").returncode, 1)
        self.assertEqual(self.daemon.run("search").returncode, 2)
        for wrong in (
            ["collection", "create", "x", "--alpha", "7"], ["collection", "create", ".."], ["search", "", "x"],
            ["search", "x", "y", "--offset", "9995"], ["search", "x", "y", "--min-lexical", "nan"], ["delete", "x", "a", "b", "--if-version", "1"],
            ["--connect", "7700", "status"], ["import", "x", "-", "--insert-only", "--update-only"],
        ):
            self.assertEqual(self.daemon.run(*wrong).returncode, 2, wrong)
        not_text = subprocess.run([BIN / "tandem", "search", "x", b"caf\xe9"], capture_output=True)
        self.assertEqual(not_text.returncode, 2)
        self.daemon.kill()
        unreachable = self.daemon.run("health")
        self.assertEqual(unreachable.returncode, 1)
        self.assertIn("connection refused; start one with", unreachable.stderr)

    def test_a_filter_that_does_not_parse_names_the_column(self):
        self.load(3)
        done = self.daemon.run("search", "things", "red", "--filter", "number >= and")
        self.assertEqual(done.returncode, 1)
        self.assertIn("column 11", done.stderr)

    def test_other_addresses_than_loopback_need_the_word(self):
        done = subprocess.run(
            [BIN / "tandemd", "--data", self.scratch / "open", "--listen", "0.0.0.0:0"], capture_output=True, text=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("allow-insecure", done.stdout + done.stderr)


@unittest.skipUnless(HAS_MODELS, NEEDS_MODELS)
class Models(DaemonCase):
    DOCUMENTS = [
        ("cat", "A cat sleeps on the sofa all afternoon."),
        ("bread", "Mix flour, water, salt and yeast, and bake the dough for an hour."),
        ("train", "The express to the coast leaves from platform nine at noon."),
        ("law", "The court found that the contract was void for lack of consideration."),
    ]

    def setUp(self):
        super().setUp()
        self.daemon = self.start(self.scratch / "models", MODELS)
        self.daemon.tandem("collection", "create", "things")
        write_lines(self.scratch / "texts.jsonl", ({"_id": name, "text": text} for name, text in self.DOCUMENTS))
        self.daemon.tandem("import", "things", self.scratch / "texts.jsonl", "--wait", "complete")

    def test_a_model_fills_the_first_vector_field_and_leaves_the_others_alone(self):
        daemon = self.daemon
        made = daemon.tandem("collection", "create", "books", "--vector-field", "embedding", "--vector-field", "cover:2:dot")
        self.assertIn("all-MiniLM-L6-v2 (the daemon's default)", made)
        covers = {"cat": [[1, 0], [0, 3]], "train": [0, 1]}
        write_lines(self.scratch / "books.jsonl", ({"_id": name, "text": text, "cover": covers.get(name)} for name, text in self.DOCUMENTS))
        daemon.tandem("import", "books", self.scratch / "books.jsonl", "--wait", "complete")

        def found(*arguments):
            return [hit["id"] for hit in daemon.json("search", "books", *arguments)["hits"]]

        def expect_all():
            self.assertEqual(found("a kitten dozing", "--mode", "semantic")[0], "cat")
            self.assertEqual(found("--vector", "0,1", "--vector-field", "cover", "--mode", "semantic"), ["cat", "train"])
            # Away from the cat by its meaning; its own cover is near the train's.
            self.assertEqual(len(found("--recommend", "cat=-1")), 3)
            self.assertEqual(found("--recommend", "cat", "--vector-field", "cover"), ["train"])
            both = daemon.json("search", "books", "noon", "--recommend", "cat", "--vector-field", "cover")
            self.assertEqual((both["mode"], both["hits"][0]["id"]), ("hybrid", "train"))

        expect_all()
        for mode in ("semantic", "hybrid"):
            refused = daemon.run("search", "books", "a kitten", "--vector-field", "cover", "--mode", mode)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("vector field 'cover' is not the model's, which is 'embedding': searching it takes a vector of 2 numbers", refused.stderr)
        refused = daemon.run("collection", "create", "x", "--model", "all-MiniLM-L6-v2", "--vector-field", "cover:2")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the first vector field is the model's", refused.stderr)
        # A rebuild has the vectors of both from the store.
        daemon.tandem("collection", "rebuild", "books", "--wait")
        expect_all()

    def test_a_meaning_is_found_without_its_words(self):
        self.assertEqual(self.ids("how to make a loaf", "--mode", "semantic")[0], "bread")
        self.assertEqual(self.ids("feline pet resting", "--mode", "semantic")[0], "cat")
        self.assertEqual(self.ids("railway timetable", "--mode", "semantic")[0], "train")

    def test_a_hybrid_search_is_fused_reranked_and_explained(self):
        answer = self.daemon.json("search", "things", "bake a loaf of bread", "--rerank", 4, "--rerank-budget", "none", "--explain")
        first = answer["hits"][0]
        self.assertEqual((answer["mode"], first["id"]), ("hybrid", "bread"))
        self.assertEqual(answer["rerank"]["reranked"], len(answer["hits"]))
        fused = answer["alpha"] * first["explanation"]["semantic_normalized"] + (1 - answer["alpha"]) * first["explanation"]["lexical_normalized"]
        self.assertAlmostEqual(first["fused"], fused, places=12)
        self.assertEqual({"queue", "spelling", "analyze", "filter", "lexical", "embed", "semantic", "true_scores", "fuse", "rerank", "fetch"}, {stage["name"] for stage in answer["stages"]})

    def test_search_threads_have_a_processor_each_and_no_thread_inherits_it(self):
        # Both legs, a query's embedding, the reranker's model (loaded by a search) and the write of a document: whatever makes threads has made them by then.
        self.daemon.tandem("search", "things", "bake a loaf of bread", "--mode", "hybrid", "--rerank", 4, "--rerank-budget", "none")
        # Dispatch's threads end after five seconds without work: then a search thread has to make one for its second leg.
        time.sleep(6)
        self.daemon.tandem("search", "things", "noon train", "--mode", "hybrid")
        self.daemon.tandem("import", "things", "-", "--wait", "complete", stdin='{"_id": "new", "text": "something else"}\n')
        allowed = {}
        for thread in pathlib.Path(f"/proc/{self.daemon.process.pid}/task").iterdir():
            try:
                status = (thread / "status").read_text()
            except OSError:  # it has ended
                continue
            processors = next(line.split()[1] for line in status.splitlines() if line.startswith("Cpus_allowed_list:"))
            allowed[thread.name] = ((thread / "comm").read_text().strip(), processors)
        every = allowed[str(self.daemon.process.pid)][1]
        few = sorted(pair for pair in allowed.values() if pair[1] != every)
        count = len(os.sched_getaffinity(0))
        self.assertEqual([name for name, _ in few], [f"searches-{n}" for n in range(count)] if count > 1 else [], few)
        self.assertEqual(len({processors for _, processors in few}), len(few), few)

    def test_a_deadline_cuts_the_reranking_and_not_the_search(self):
        for milliseconds in (120, 200, 300):
            # A busy machine may hold one search up for longer than that, hardly five in turn.
            tries = (self.daemon.run("--timeout", milliseconds / 1000, "search", "things", "food and animals", "--rerank-budget", "none", "--json") for _ in range(5))
            done = next((done for done in tries if "deadline" not in done.stderr), None)
            self.assertIsNotNone(done, f"{milliseconds} ms: five searches missed their deadline")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreater(len(json.loads(done.stdout)["hits"]), 0)

    def test_alpha_0_and_1_give_the_pure_orders(self):
        for alpha, mode in ((0, "lexical"), (1, "semantic")):
            pure = self.ids("the court leaves at noon", "--mode", mode)
            self.assertEqual(self.ids("the court leaves at noon", "--alpha", alpha), pure)

    def test_an_import_waits_for_a_daemon_that_comes_back(self):
        # Goal: killed while the import waits for its vectors, and started again at the same address, the daemon goes on, and so does the import.
        corpus = self.scratch / "many.jsonl"
        corpus.write_text("".join(json.dumps({"_id": f"m{i}", "text": f"text number {i} about {'this and that ' * 20}"}) + "\n" for i in range(1500)))
        self.daemon.tandem("collection", "create", "many")
        importing = subprocess.Popen(
            [BIN / "tandem", "import", "many", corpus, "--wait", "complete", "--no-resume"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=dict(os.environ, TANDEM_ADDRESS=self.daemon.address, XDG_STATE_HOME=str(self.scratch)))
        self.addCleanup(importing.kill)
        deadline = time.monotonic() + 60
        while self.daemon.json("status")["collections"][0]["documents"] < 1500 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.daemon.kill()
        # Longer than the client tries again by itself.
        time.sleep(2)
        self.assertIsNone(importing.poll())
        self.daemon = Daemon(self.daemon.folder, models=MODELS, listen=self.daemon.address)
        self.addCleanup(self.daemon.kill)
        said, _ = importing.communicate(timeout=300)
        self.assertEqual(importing.returncode, 0, said)
        self.assertIn("waiting: ", said)
        self.assertIn("1,500 documents", said)

    def test_vectors_survive_kill_9(self):
        before = self.daemon.json("search", "things", "how to make a loaf", "--mode", "semantic")["hits"]
        self.daemon.kill()
        self.daemon = self.start(self.scratch / "models", MODELS)
        token = self.daemon.json("collection", "show", "things")["last_sequence"]
        self.daemon.tandem("import", "things", "-", "--wait", "complete", stdin='{"_id": "new", "text": "something else"}\n')
        after = [hit for hit in self.daemon.json("search", "things", "how to make a loaf", "--mode", "semantic", "--after", token)["hits"] if hit["id"] != "new"]
        self.assertEqual([(hit["id"], hit["semantic"]) for hit in before], [(hit["id"], hit["semantic"]) for hit in after])


if __name__ == "__main__":
    unittest.main()
