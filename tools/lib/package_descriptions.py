#!/usr/bin/env python3
"""Turn apt's own package lists into documents: one JSON object a line, in BEIR's layout with attributes beside.

Usage: package_descriptions.py LISTS [--packages N | --all] [--language en] [--output FILE]

  LISTS            a folder of apt lists: *_Packages and *_Translation-en, not compressed
  --packages N     the N programs that other packages name most (default 3000)
  --all            every package, libraries and documentation included
  --language L     whose long descriptions to take (default en); packages without one keep their English summary
  --output FILE    default: stdout

A document:
  _id             name of the package
  title           name and summary, as `apt-cache search` writes them
  text            the long description, its paragraphs separated by empty lines
  section, priority, homepage, version, tags (list)    keywords
  installed_size  KiB, integer

The choice is a function of the lists alone: a package is a program if its debtags say so; without debtags, if its
section and name do not make it a library, documentation or a part of another package. Programs are ordered by how many other packages name them in
Depends, Recommends, Suggests or Enhances, then by the SHA-256 of their name, which is arbitrary but the same everywhere; so a
smaller choice is the beginning of a larger one. Standard library only; reads a list in one pass.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import re
import sys

RELATIONS = ("Depends", "Recommends", "Suggests", "Enhances")

# Sections (without their component, "contrib/net" -> "net") whose packages people do not look for by what they do.
NOT_PROGRAMS = frozenset(
    "libs libdevel oldlibs debug doc localization introspection kernel metapackages tasks translations "
    "gnu-r golang haskell java javascript lisp ocaml perl php python ruby rust".split()
)
PART_OF_ANOTHER = re.compile(
    r"^(lib|fonts-|task-|node-|python3?-|golang-|r-cran-|linux-)|-(dev|doc|dbg|dbgsym|data|common|examples|l10n-.*|locale-.*|plugins?-.*)$"
)
NAME = re.compile(r"[a-z0-9][a-z0-9.+-]*")


class ListError(Exception):
    """The lists cannot be used; the message names the file and what to do."""


def stanzas(lines):
    """The fields of every stanza of a Debian control file, as dictionaries. Continuation lines keep their line breaks."""
    fields, name = {}, None
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\n")
        if not line:
            if fields:
                yield fields
            fields, name = {}, None
        elif line[0] in " \t":
            if name is None:
                raise ListError(f"line {number}: a continuation line without a field before it")
            fields[name] += "\n" + line
        else:
            name, colon, value = line.partition(":")
            if not colon:
                raise ListError(f"line {number}: expected 'Field: value', found {line[:40]!r}")
            fields[name] = value.strip()
    if fields:
        yield fields


def long_text(description):
    """The paragraphs of a Description field without its first line: Debian policy 5.6.13.

    A line of one dot is an empty line. Lines that begin with two spaces are verbatim (lists); the others are joined, since
    their breaks only fit them into 80 columns.
    """
    paragraphs, current = [], []
    for line in description.split("\n")[1:]:
        if line.strip() == ".":
            if current:
                paragraphs.append("".join(current))
            current = []
        elif line.startswith("  ") or line.startswith(" \t"):
            current.append(("\n" if current else "") + line.strip())
        elif line.startswith((" *", " -", " +")) and line[2:3] == " ":
            current.append(("\n" if current else "") + line.strip())
        else:
            current.append((" " if current else "") + line.strip())
    if current:
        paragraphs.append("".join(current))
    return "\n\n".join(paragraphs)


def summary(description):
    return description.split("\n", 1)[0].strip()


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            yield from stanzas(lines)
    except ListError as error:
        raise ListError(f"{path}: {error}") from None


def translations(folder, language):
    """(name, MD5 of the English description) -> translated Description field."""
    found = {}
    field = f"Description-{language}"
    for path in sorted(folder.glob(f"*_Translation-{language}")):
        for fields in read(path):
            if field in fields and "Package" in fields:
                found[fields["Package"], fields.get("Description-md5")] = fields[field]
    return found


def packages(folder):
    """name -> fields. Where several lists have a package, the last one wins; lists are read in the order of their names, and a
    security update differs in its version only."""
    lists = sorted(folder.glob("*_Packages"))
    if not lists:
        raise ListError(f"{folder}: no *_Packages lists here; apt-get update has not run, or it keeps them compressed")
    found = {}
    for path in lists:
        for fields in read(path):
            if "Package" in fields:
                found[fields["Package"]] = fields
    return found


def mentions(found):
    """name -> how many other packages name it in a relation."""
    counts = collections.Counter()
    for name, fields in found.items():
        named = set()
        for relation in RELATIONS:
            for part in re.split(r"[,|]", fields.get(relation, "")):
                match = NAME.match(part.strip())
                if match:
                    named.add(match[0])
        named.discard(name)
        # Packages of one source name each other as a matter of course.
        source = fields.get("Source", name).split(" ")[0]
        counts.update(other for other in named if other in found and found[other].get("Source", other).split(" ")[0] != source)
    return counts


def section(fields):
    return fields.get("Section", "").rpartition("/")[2]


def tags(fields):
    """Debtags, with the short form `a::{b, c}` written out."""
    text = re.sub(r"\s+", "", fields.get("Tag", ""))
    expanded = []
    for facet, group, plain in re.findall(r"([^,{}]+::)\{([^}]*)\}|([^,{}]+)", text):
        expanded.extend(facet + value for value in group.split(",")) if facet else expanded.append(plain)
    return sorted(set(tag for tag in expanded if tag))


def is_program(fields):
    if re.search(r"\b(transitional|dummy|meta-?package)\b", fields.get("Description", ""), re.IGNORECASE):
        return False
    if section(fields) in ("debug", "doc", "libdevel", "oldlibs", "metapackages"):
        return False
    roles = [tag for tag in tags(fields) if tag.startswith("role::")]
    if roles:
        return "role::program" in roles
    return section(fields) not in NOT_PROGRAMS and not PART_OF_ANOTHER.search(fields["Package"])


def choose(found, count):
    named = mentions(found)
    programs = [fields for fields in found.values() if is_program(fields)]
    programs.sort(key=lambda fields: (-named[fields["Package"]], hashlib.sha256(fields["Package"].encode()).digest()))
    return programs[:count]


def document(fields, translated):
    name = fields["Package"]
    described = translated.get((name, fields.get("Description-md5"))) or fields.get("Description", "")
    made = {"_id": name, "title": f"{name} - {summary(described)}", "text": long_text(described)}
    for field, value in (
        ("section", section(fields)),
        ("priority", fields.get("Priority")),
        ("homepage", fields.get("Homepage")),
        ("version", fields.get("Version")),
        ("tags", tags(fields)),
    ):
        if value:
            made[field] = value
    if fields.get("Installed-Size", "").isdigit():
        made["installed_size"] = int(fields["Installed-Size"])
    return made


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", type=pathlib.Path)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--packages", type=int, default=3000)
    size.add_argument("--all", action="store_true")
    parser.add_argument("--language", default="en")
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args(arguments)
    if options.packages < 1:
        parser.error("--packages must be at least 1")
    try:
        found = packages(options.lists)
        translated = translations(options.lists, options.language)
    except (OSError, ListError) as error:
        print(f"package_descriptions: {error}", file=sys.stderr)
        return 1
    if not translated:
        print(f"package_descriptions: {options.lists}: no *_Translation-{options.language} list; summaries only", file=sys.stderr)
    chosen = list(found.values()) if options.all else choose(found, options.packages)
    chosen.sort(key=lambda fields: fields["Package"])
    lines = (json.dumps(document(fields, translated), ensure_ascii=False, separators=(",", ":")) + "\n" for fields in chosen)
    if options.output:
        with open(options.output, "w", encoding="utf-8") as sink:
            sink.writelines(lines)
    else:
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stdout.writelines(lines)
    print(f"{len(chosen)} of {len(found)} packages", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
