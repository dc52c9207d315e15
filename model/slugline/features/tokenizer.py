"""Text into terms: the words and word n-grams that a model counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.config import FeatureConfig

# Marks that belong to a letter but are not \w in Python, in the scripts in which newspapers are printed: without them
# Hindi, Thai or pointed Arabic words fall to pieces. Danda (U+0964-5) is punctuation and stays outside.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0963\u0966-\u0df3"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u102b-\u103e\u1056-\u1059\u105e-\u1060"
    "\u17b4-\u17d3\u200c\u200d"
)
# Written without spaces: each ideograph or kana is a word, and the n-grams make the compounds.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_ASCII = re.compile(r"[a-z](?:\.[a-z])+(?![a-z0-9])|[a-z0-9](?:[a-z0-9&]*[a-z0-9])+")
_UNICODE = re.compile(
    rf"[a-z](?:\.[a-z])+(?![^\W_])|[{_UNSPACED}]|(?:(?![{_UNSPACED}_])[\w{_MARKS}])"
    rf"(?:(?:(?![{_UNSPACED}_])[\w{_MARKS}&])*(?:(?![{_UNSPACED}_])[\w{_MARKS}]))+"
)
_PARAGRAPH = re.compile(r"\n\s*\n")


def tokens(text: str) -> list[str]:
    """The words of `text`, case-folded, in order."""
    folded = text.casefold()
    if folded.isascii():
        return _ASCII.findall(folded)
    # Turkish capital dotted I folds to "i" and a combining dot, which would part "İstanbul" from "Istanbul".
    return _UNICODE.findall(folded.replace("i\u0307", "i"))


def terms(article: Article, config: FeatureConfig) -> list[str]:
    """Every term of an article, with repetition: n-grams of `ngram_min` to `ngram_max` words joined with one space.

    N-grams stay within the headline or within a paragraph of the body; each term of the headline is given
    `title_repeat` times.
    """
    found = _ngrams(tokens(article.title), config) * config.title_repeat
    for paragraph in _PARAGRAPH.split(article.body):
        found += _ngrams(tokens(paragraph), config)
    return found


def _ngrams(words: list[str], config: FeatureConfig) -> list[str]:
    made: list[str] = []
    for size in range(config.ngram_min, config.ngram_max + 1):
        made += words if size == 1 else map(" ".join, zip(*(words[start:] for start in range(size)), strict=False))
    return made
