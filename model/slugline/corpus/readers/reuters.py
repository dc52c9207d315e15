"""Reuters-21578 in its own distribution form: SGML files, in a folder or in the archive they are published in."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from slugline.article import Article, Labels
from slugline.corpus.corpus import HELD_OUT, TRAIN, UNUSED, Record
from slugline.corpus.encoding import open_bytes, open_stream, read_head
from slugline.corpus.readers.base import ReadOptions, choose_families, placed
from slugline.corpus.readers.dates import MONTHS
from slugline.errors import CorpusError

FAMILIES = ("topics", "places", "people", "orgs", "exchanges")

_START = re.compile(r"<REUTERS\b([^<>]*+)>")
_NEXT = re.compile(r"<REUTERS\b")
_END = "</REUTERS>"
# Beginning where a word does, and ending where another item begins: what is not closed is looked through once.
_ATTRIBUTE = re.compile(r'\b(\w++)\s*+=\s*+"([^"]*+)"')
_ITEM = re.compile(r"<D>((?:[^<]++|<(?!/?D>))*+)</D>")
_DATE = re.compile(r"(\d{1,2})-([A-Z]{3})-(\d{4})")
# "REUTER" ends a text anywhere; in other capitals only on a line of its own, for Edzard Reuter is in the news.
# Looked for only where it can begin, which is near the end: a search takes the square of the blanks before it.
_SIGN_OFF = re.compile(r"\s*(?:^[ \t]*(?i:reuter)|\bREUTER)[ \t.;]*+(?:\^M)?+\s*+\Z", re.MULTILINE)

# Before a line that is indented or blank.
_PARAGRAPH = re.compile(r"\n(?=    |[^\S\n]*(?:\n|\Z))")


class ReutersReader:
    """Reads Reuters-21578 (Lewis 1997, README of the distribution, section VI).

    The five label families become one set of tags: no name occurs in two families (120 + 147 + 114 + 32 + 32 names
    are 445 distinct ones), so none needs a prefix. The sixth, companies, is empty in every article and left out.

    An article is annotated with topics where the indexers handled it (TOPICS="YES") or where it has a topic. The
    README calls TOPICS="NO" without topics "problematic" (parts of the data "were simply not indexed") and BYPASS
    "clearly not indexed": while topics are among the chosen families, the tags of those are not annotated. Of the
    other four families, NO articles have their labels; BYPASS ones have none at all and are not annotated.
    """

    name = "reuters"
    extra: str | None = None
    families: tuple[str, ...] = FAMILIES

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether this is an .sgm file of the collection, a folder holding such files, or an archive of them."""
        if _is_sgml(head):
            return True
        try:
            if path.is_dir():
                first = next(iter(sorted(path.glob("*.sgm"))), None)
                return first is not None and _is_sgml(read_head(first, 2000))
            return _is_tar(head or read_head(path, 512)) and _archive_has_articles(path)
        except (CorpusError, OSError, ValueError, tarfile.TarError, EOFError, zlib.error):
            return False

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """Yield the articles in the order of their file names; ids are their NEWID.

        Raises CorpusError for an unknown family or an unreadable archive; passes unreadable articles to
        `options.on_bad`.
        """
        families = choose_families(options, FAMILIES)
        seen: dict[str, str] = {}
        for name, data in _sgml_files(path):
            file = path if name == path.name else path / name
            for line, attributes, content, closed in _articles(data.decode("latin-1")):
                place = f"{name}:{line}"
                try:
                    if not closed:
                        raise CorpusError("article without its end", expected="</REUTERS>")
                    record = _record(attributes, content, families)
                    first = seen.setdefault(record.article.id, place)
                    if first != place:
                        raise CorpusError(f"repeated id, first seen in {first}", field="NEWID", found=record.article.id)
                except CorpusError as error:
                    options.on_bad(placed(error, file, line))
                    continue
                yield record


READER = ReutersReader()


def content_digest(path: Path) -> str:
    """Hexadecimal SHA-256 over the .sgm files sorted by name, without carriage returns and bytes above 0x7F.

    It is the same however the collection is packed: the published reut2-017.sgm has one stray byte 0xFC that some
    copies have lost. Raises CorpusError for an unreadable archive.
    """
    import hashlib

    sha = hashlib.sha256()
    dropped = bytes([13, *range(128, 256)])
    for _, data in _sgml_files(path):
        sha.update(data.translate(None, dropped))
    return sha.hexdigest()


def _archive_has_articles(path: Path) -> bool:
    """Whether the first .sgm file of an archive is ours; a few lists may stand before it."""
    with open_stream(path) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as archive:
        for member in archive:
            if member.isfile() and not member.issparse() and _is_sgml_name(member.name):
                stream = archive.extractfile(member)
                return stream is not None and _is_sgml(stream.read(2000))
    return False


def _is_sgml(head: bytes) -> bool:
    return b"<REUTERS " in head and b" NEWID=" in head


def _sgml_files(path: Path) -> list[tuple[str, bytes]]:
    """Names and contents, sorted by name, without unpacking anything to disk."""
    if path.is_dir():
        found = [(file.name, open_bytes(file)) for file in sorted(path.glob("*.sgm"))]
        if not found:
            raise CorpusError("no .sgm file in this folder", file=path)
        return found
    # The whole file is decompressed first: a missing end shows only in the checksum behind the last article.
    data = open_bytes(path)
    if not _is_tar(data):
        return [(path.name, data)]
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                if not (member.isfile() and _is_sgml_name(member.name)):
                    continue
                # A file with holes says how large it is, and may say anything.
                stream = None if member.issparse() else archive.extractfile(member)
                if stream is None:
                    raise CorpusError("a file with holes in the archive", file=path, found=member.name)
                files[Path(member.name).name] = stream.read()
    except (tarfile.TarError, EOFError) as error:
        raise CorpusError(f"the archive is damaged or cut short ({error})", file=path) from error
    if not files:
        raise CorpusError("no .sgm file in this archive", file=path)
    return sorted(files.items())


def _is_sgml_name(name: str) -> bool:
    return name.lower().endswith(".sgm")


def _is_tar(start: bytes) -> bool:
    return start[257:262] == b"ustar"


def _articles(text: str) -> Iterator[tuple[int, dict[str, str], str, bool]]:
    """Line number, attributes and content of each article, and whether its end tag is there."""
    line, counted, place, ending = 1, 0, 0, 0
    while match := _START.search(text, place):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        # The end that was found for an earlier article may be this one's: looked for again, starts without an end
        # would take the square of their number.
        if 0 <= ending < match.end():
            ending = text.find(_END, match.end())
        end, closed = ending, ending >= 0
        # The next article begins before this one has ended, or nothing ends it.
        if following := _NEXT.search(text, match.end(), end if closed else len(text)):
            end, closed = following.start(), False
        elif not closed:
            end = len(text)
        place = end + len(_END) * closed
        yield line, dict(_ATTRIBUTE.findall(match[1])), text[match.end() : end], closed


def _record(attributes: dict[str, str], content: str, families: tuple[str, ...]) -> Record:
    number = attributes.get("NEWID", "")
    if not number:
        raise CorpusError("article without a number", field="NEWID", expected='NEWID="..." in its <REUTERS> tag')
    title, body = _text(content)
    article = Article(id=number, title=title, body=body, date=_date(content), source="Reuters", language="en")
    return Record(article, Labels(tags=_tags(attributes, content, families)), _part(attributes))


def _part(attributes: dict[str, str]) -> str:
    """The side of the ModApte split (README, section VIII.B): of the articles with TOPICS="YES", by LEWISSPLIT."""
    if attributes.get("TOPICS") != "YES":
        return UNUSED
    return {"TRAIN": TRAIN, "TEST": HELD_OUT}.get(attributes.get("LEWISSPLIT", ""), UNUSED)


def _tags(attributes: dict[str, str], content: str, families: tuple[str, ...]) -> frozenset[str] | None:
    names = {family: _items(content, family) for family in families}
    indexed = attributes.get("TOPICS")
    if indexed == "BYPASS" or ("topics" in families and indexed != "YES" and not names["topics"]):
        return None
    return frozenset(name for items in names.values() for name in items)


def _items(content: str, family: str) -> list[str]:
    items = (html.unescape(item).strip() for item in _ITEM.findall(_element(content, family.upper())))
    return [item for item in items if item]


def _element(content: str, name: str) -> str:
    """What stands between `<NAME ...>` and `</NAME>`; empty if there is none."""
    start = _opening(name).search(content)
    if start is None:
        return ""
    end = content.find(f"</{name}>", start.end())
    return content[start.end() : end] if end >= 0 else ""


@cache
def _opening(name: str) -> re.Pattern[str]:
    return re.compile(rf"<{name}\b[^<>]*+>")


def _date(content: str) -> dt.date | None:
    match = _DATE.search(_element(content, "DATE"))
    if match is None:
        return None
    try:
        return dt.date(int(match[3]), MONTHS.get(match[2].lower(), 0), int(match[1]))
    except ValueError:
        return None


def _text(content: str) -> tuple[str, str]:
    """Title and body. Control characters given as `&#5;` vanish, as the HTML rules have it."""
    text = _element(content, "TEXT")
    if "<TITLE>" not in text and "<BODY>" not in text:
        return _split_headline(_without_sign_off(html.unescape(text)))
    title = " ".join(html.unescape(_element(text, "TITLE")).split())
    # A brief is its headline; what follows it is nothing, or the distribution's filler "Blah blah blah."
    body = _without_sign_off(html.unescape(_element(text, "BODY")))
    dateline = " ".join(html.unescape(_element(text, "DATELINE")).split())
    return title, _paragraphs(f"{dateline} {body}" if dateline and body else body)


def _without_sign_off(text: str) -> str:
    end = text.rstrip().removesuffix("^M").rstrip(" \t.;")
    if end[-6:].lower() != "reuter":
        return text
    match = _SIGN_OFF.match(text, len(end[:-6].rstrip()))
    return text[: match.start()] if match else text


def _split_headline(text: str) -> tuple[str, str]:
    """Title and body of an article without markup: its first line is the headline where it is all capitals."""
    lines = text.strip("\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    if lines and lines[0].isupper():
        return " ".join(lines[0].split()), _paragraphs("\n".join(lines[1:]))
    return "", _paragraphs("\n".join(lines))


def _paragraphs(text: str) -> str:
    """Paragraphs, each on one line, separated by blank lines: the wire indents their first lines by four spaces."""
    paragraphs = [" ".join(lines.split()) for lines in _PARAGRAPH.split(text)]
    return "\n\n".join([one for one in paragraphs if one])
