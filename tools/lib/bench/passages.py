"""Passages of one Debian package's manual pages and HTML pages: `passages.py PACKAGE.deb MANDOC OUTPUT`. Runs in the environment that has lxml.

A passage is what stands between two borders of blocks (paragraphs, list items, cells), cut by plain_words; one a line. Manual pages go through mandoc's HTML, so that both kinds are cut alike. Pages in
other languages than English, code and listings are left out. Order: by the files' paths.
"""

import gzip
import re
import subprocess
import sys
import tarfile

import lxml.etree
import lxml.html
from plain_words import lines_of

MANUAL_PAGE = re.compile(r"usr/share/man/man[^/]+/[^/]+")
HTML_PAGE = re.compile(r".*\.x?html?(\.gz)?$")
BORDERS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main ol "
    "p section summary table tbody td tfoot th thead tr ul".split())
LEFT_OUT = frozenset("head script style pre nav svg math button select textarea template noscript code-block".split())


def blocks(page):
    """What stands between borders of blocks. Not by recursion: pages are nested as deeply as their authors like."""
    collected, skipped = [], 0

    def border():
        text = "".join(collected)
        collected.clear()
        return text

    for event, element in lxml.etree.iterwalk(page, events=("start", "end", "comment", "pi")):
        plain = isinstance(element.tag, str)
        if event == "start" and plain:
            if element.tag in LEFT_OUT:
                skipped += 1
            if element.tag in BORDERS or element.tag in LEFT_OUT:
                yield border()
            if element.tag == "br":
                collected.append(" ")
            if not skipped and element.text:
                collected.append(element.text)
        else:
            if plain and element.tag in LEFT_OUT:
                skipped -= 1
            if plain and (element.tag in BORDERS or element.tag in LEFT_OUT):
                yield border()
            if not skipped and element.tail:
                collected.append(element.tail)
    yield border()


def passages(html):
    """Passages of a page; none of what cannot be read as HTML or is in another language."""
    try:
        page = lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError):
        return
    language = page.get("lang") or page.get("{http://www.w3.org/XML/1998/namespace}lang") or page.get("xml:lang") or "en"
    if not language.lower().startswith("en"):
        return
    for text in blocks(page):
        yield from lines_of(text)


def manual_page(source, mandoc):
    """As HTML. What mandoc complains about is no concern here: pages are written for several formatters."""
    return subprocess.run([mandoc, "-T", "html", "-K", "utf-8"], input=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def pages(package):
    """(path, bytes) of the pages of a package, in the order of paths; of compressed ones what is in them."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as process:
        found = []
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                path = member.name.removeprefix("./")
                if member.isreg() and (MANUAL_PAGE.fullmatch(path) or HTML_PAGE.fullmatch(path)):
                    found.append((path, archive.extractfile(member).read()))
    if process.returncode:
        raise SystemExit(f"{package}: dpkg-deb ended with {process.returncode}")
    for path, content in sorted(found):
        yield path, gzip.decompress(content) if path.endswith(".gz") else content


def main(package, mandoc, output):
    with open(output, "w", encoding="utf-8") as out:
        for path, content in pages(package):
            html = manual_page(content, mandoc) if MANUAL_PAGE.fullmatch(path) else content
            if html.strip():
                out.writelines(line + "\n" for line in passages(html))


if __name__ == "__main__":
    main(*sys.argv[1:])
