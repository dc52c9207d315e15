"""Cleaning text: the same for training and predicting, idempotent, and standard library only on ordinary text.

What `clean_text` does, until nothing changes any more:

1. surrogate pairs become one character, lone surrogates U+FFFD;
2. control, zero-width, byte-order and bidirectional-control characters and soft hyphens go;
3. Unicode normal form C; of more than 30 combining marks on one character the rest goes, as in Unicode's stream-safe
   text (UAX #15, section 13), for putting them into their order takes the square of their number;
4. HTML entities that end in a semicolon become characters, however often they were escaped;
5. mojibake (UTF-8 that somebody read as a one-byte encoding) is mended, line by line, by `ftfy`, which is imported
   only if a line has a sequence of characters that UTF-8 so misread would leave, and not for a text of more than
   50,000 such sequences;
6. runs of spaces become one space, lines lose their margins, paragraphs stay apart by one blank line.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from slugline.article import Article

# Patterns that settled texts do not need are strings here: `re` compiles them when they are used, and remembers them.
_SURROGATE = "[\ud800-\udfff]"
# Line separators (\v \f \x1c-\x1e) and \x1f are white space, not rubbish, and C1 may be half of a mojibake pair.
_INVISIBLE = (
    "[\x00-\x08\x0e-\x1b\x7f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_C1 = "[\x80-\x9f]"
# Far more misread places than a text has that is read by people; `ftfy` takes up to a millisecond for each.
_MOST_MISREAD = 50_000

# How UTF-8's lead byte and its continuation bytes look when read as Latin-1 or CP-1252 ...
_TAIL = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_SUSPICIOUS = (
    f"[\x80-\x9f]|[Â-ß]{_TAIL}|[à-ï]{_TAIL}{{2}}|[ð-ô]{_TAIL}{{3}}"
    # ... "à" whose no-break space became a space, and the usual pairs of CP-1250, Mac Roman, CP-1251 and CP-437.
    "|Ã |[ĂĹÄ][\x80-\xbf€‚„…†‡‰Š‹ŚŤŽŹ‘’“”•–—™š›śťžźˇ˘ŁĄ¦§¨©Ş«¬®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż]|‚Ä|√[\x80-\u2300]|вЂ|Р[°-ё]|├"
)

_LINE_BREAK = "\r\n|[\r\v\f\x1c-\x1e\u2028]"
_BLANK_LINES = r"\n{3,}"
_ENTITY_NAME = r"#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31}"
_ENTITY_PART = re.compile("([&;])")
_LONGEST_ENTITY = 33

# What a settled text may not have. Its ASCII characters are the printable ones and line feeds ...
_PLAIN = bytes([10, *range(0x20, 0x7F)])
_NOT_ASCII = re.compile("[^\x00-\x7f]+")
# ... and among the others is no white space, nothing invisible, no half of a surrogate pair, and no misread UTF-8:
# every such sequence lies within one run of characters that are not ASCII, but for "à" whose no-break space is a space.
_UNSETTLED = re.compile(rf"\s|Ã|{_INVISIBLE}|{_SURROGATE}|{_SUSPICIOUS}")
_ANY_ENTITY = re.compile(r"&[#A-Za-z][A-Za-z0-9]{0,31};")
# Combining marks are among what is no letter, digit or white space.
_MOST_MARKS = 30
_CROWD = rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}"
_BREAKS = "\r\v\f\x1c\x1d\x1e\u2028"

_MANY = 64  # articles

# Every pass that changes anything undoes one layer of damage, and a layer makes text longer by a factor, so that real
# text needs two passes; the limit only keeps a text made to be nasty from taking long.
_MOST_PASSES = 12


def clean_text(text: str) -> str:
    r"""`text` in NFC, mended and tidied, its paragraphs kept; any str is accepted and none raises.

    Idempotent: `clean_text(clean_text(x)) == clean_text(x)`. Time is linear in the length of `text`.

    >>> clean_text("Caf\u00c3\u00a9 &amp;amp; bar\u200b\r\n\r\n\r\nNew   paragraph ")
    'Café & bar\n\nNew paragraph'
    """
    return _settle(text, lines=True)


def clean_line(text: str) -> str:
    """As `clean_text`, with line breaks turned into spaces: for headlines, tags and names."""
    return _settle(text, lines=False)


def clean_article(article: Article) -> Article:
    """`article` with its title and source cleaned as lines and its body as text; id, url and date stay as they are.

    An article that needs no cleaning is given back as it is.
    """
    title, body, source = article.title, article.body, article.source
    if (
        is_settled(title, lines=False)
        and is_settled(body, lines=True)
        and (source is None or is_settled(source, lines=False))
    ):
        return article
    return dataclasses.replace(
        article,
        title=clean_line(title),
        body=clean_text(body),
        source=None if source is None else clean_line(source),
    )


def clean_articles(articles: Sequence[Article]) -> list[Article]:
    """`clean_article` of each. Of many, those that need no cleaning are found together, in a third of the time."""
    if len(articles) < _MANY:
        return [clean_article(article) for article in articles]
    # Imported here: it needs numpy.
    from slugline.corpus.unsettled import unsettled

    doubtful = unsettled([article.title for article in articles], lines=False)
    doubtful |= unsettled([article.body for article in articles], lines=True)
    return [
        clean_article(article) if doubt or article.source is not None else article
        for article, doubt in zip(articles, doubtful.tolist(), strict=True)
    ]


def is_settled(text: str, *, lines: bool) -> bool:
    """Whether cleaning is sure to leave `text` as it is: where True, it does; where False, it may.

    Most texts of most corpora are, and a few searches at the speed of memory tell so.
    """
    if not text:
        return True
    # Margins first: nothing is as cheap. What else is white space is no plain character.
    if text[0] in " \n" or text[-1] in " \n" or "  " in text:
        return False
    if "\n" in text and (not lines or " \n" in text or "\n " in text or "\n\n\n" in text):
        return False
    if "&" in text and ";" in text and _ANY_ENTITY.search(text):
        return False
    if text.isascii():
        return not text.encode().translate(None, _PLAIN)
    if text.encode("ascii", "ignore").translate(None, _PLAIN):
        return False
    other = "-".join(_NOT_ASCII.findall(text))
    if _UNSETTLED.search(other) or re.search(_CROWD, other):
        return False
    return unicodedata.is_normalized("NFC", text)


def _settle(text: str, *, lines: bool) -> str:
    for _ in range(_MOST_PASSES):
        if is_settled(text, lines=lines):
            break
        before = text
        text = _mend(text)
        text = _lay_out(text, lines=lines)
        if text == before:
            break
    return text


def _mend(text: str) -> str:
    """Steps 1 to 5."""
    if text.isascii():
        if text.encode().translate(None, _PLAIN):
            text = re.sub(_INVISIBLE, "", text)
        return _unescape(text) if "&" in text and ";" in text else text
    if re.search(_SURROGATE, text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _normal(re.sub(_INVISIBLE, "", text))
    if "&" in text and ";" in text:
        text = _unescape(text)
    if re.search(_SUSPICIOUS, text):
        mend = _mend_line if _is_mendable(text) else _mend_controls
        text = "\n".join(mend(line) if re.search(_SUSPICIOUS, line) else line for line in text.split("\n"))
    return _normal(text)


def _normal(text: str) -> str:
    """Step 3."""
    return unicodedata.normalize("NFC", re.sub(_CROWD, _thinned, text))


def _thinned(crowd: re.Match[str]) -> str:
    """A run of what is no letter without the marks that are too many on one character."""
    kept, marks = [], 0
    for sign in crowd[0]:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def _lay_out(text: str, *, lines: bool) -> str:
    """Step 6."""
    if not lines:
        return " ".join(text.split())
    if any(mark in text for mark in _BREAKS):
        text = re.sub(_LINE_BREAK, "\n", text)
    # In order: a paragraph separator ends two lines, white space becomes single spaces, and lines lose their margins.
    text = "\n".join([" ".join(line.split()) for line in text.replace("\u2029", "\n\n").split("\n")])
    return re.sub(_BLANK_LINES, "\n\n", text).strip()


def _mend_line(line: str) -> str:
    # Imported here: it takes as long as a whole prediction, and hardly any text needs it.
    import ftfy

    return _mend_controls(ftfy.fix_encoding(line))


def _is_mendable(text: str) -> bool:
    return len(text) <= _MOST_MISREAD or sum(1 for _ in re.finditer(_SUSPICIOUS, text)) <= _MOST_MISREAD


def _mend_controls(line: str) -> str:
    # Latin-1 leftovers that ftfy was not sure of: a C1 character is never meant, CP-1252 nearly always is.
    # The undefined five of CP-1252 go: what is there is no text.
    return re.sub(_C1, lambda match: match[0].encode("latin-1").decode("cp1252", "ignore"), line)


def _unescape(text: str) -> str:
    """`text` without entities, in one pass: what an entity stands for may itself complete an entity further left."""
    done: list[str] = []
    for part in _ENTITY_PART.split(text):
        if part != ";":
            if part:
                done.append(part)
            continue
        ending = ";"
        while ending == ";":
            name = ""
            while done and done[-1] != "&" and len(name) + len(done[-1]) <= _LONGEST_ENTITY:
                if done[-1] == ";":
                    break
                name = done.pop() + name
            character = _entity(name) if done and done[-1] == "&" else None
            if character is None:
                done.extend(piece for piece in (name, ";") if piece)
                break
            done.pop()
            ending = character
        else:
            if ending:
                done.append(ending)
    return "".join(done)


@lru_cache(maxsize=1024)
def _entity(name: str) -> str | None:
    """What `&name;` stands for, without invisible characters; None if it is no entity."""
    import html
    import html.entities

    if not re.fullmatch(_ENTITY_NAME, name) or not (name[0] == "#" or f"{name};" in html.entities.html5):
        return None
    return unicodedata.normalize("NFC", re.sub(_INVISIBLE, "", html.unescape(f"&{name};")))
