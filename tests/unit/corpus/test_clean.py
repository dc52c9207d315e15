from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.corpus import clean
from slugline.corpus.clean import clean_article, clean_line, clean_text, is_settled

PIECES = [
    *("&", "amp", ";", "lt;", "#38;", "#59", "&#8203;", "&am", "&#112;", "\u037e", "\u0301", "a", "\n", "\xa0", " "),
    *("é", "Ã", "©", "Í", "¾", "â", "€", "\x9d", "\x85", "\ud83d", "\ude00", "\u202e", "\x00", "\u200b"),
]
NASTY = st.lists(
    st.one_of(
        st.text(max_size=4),
        st.sampled_from(PIECES),
        st.characters(min_codepoint=0x80, max_codepoint=0xFF),
        st.text(max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass").decode("latin-1")),
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("cafÃ© â€œquotedâ€\x9d", "café “quoted”"),
        ("doesnâ€™t cost â‚¬5 in SÃ£o Paulo", "doesn’t cost €5 in São Paulo"),
        ("Ã\xa0 la carte", "à la carte"),
        ("ÃƒÂ©", "é"),
        ("\x93hi\x94 it\x92s", "“hi” it’s"),
        ("wait\x85 what", "wait… what"),
        ("Å‚Ã³dÅº and MÃ¼nchen", "łódź and München"),
        ("cafÃ&copy;", "café"),
        ("Ð’Ñ\x81Ðµ", "Все"),
        ("honest é beside mangled têtÃ©", "honest é beside mangled têté"),
        ("ï»¿hello", "hello"),
    ],
)
def test_mojibake_comes_out_right(found: str, expected: str) -> None:
    assert clean_text(found) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Pelé’s “grève” à Nîmes",
        "voilà ce qu’il dit : « à »",
        "Spaß“ und Straße",
        "œuvre “ok”",
        "Ā tē ro·a",
        "Все — «да»",
        "中文，标点",
    ],
)
def test_honest_text_is_left_alone(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("AT&amp;T &lt;b&gt; &quot;x&quot; 5&nbsp;km &#8217; &#x2019;", 'AT&T <b> "x" 5 km ’ ’'),
        ("AT&amp;amp;amp;T", "AT&T"),
        ("&am&#112;;lt;b", "<b"),
        ("?a=1&copy=2&reg", "?a=1&copy=2&reg"),
        ("&nosuch; &; &#; &#xZZ; fish & chips; done", "&nosuch; &; &#; &#xZZ; fish & chips; done"),
        ("&#133;&#0;&#1;", "…\ufffd"),
    ],
)
def test_entities(found: str, expected: str) -> None:
    assert clean_text(found) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("e\u0301", "é"),
        ("a\x00b\x07c\x7f", "abc"),
        ("zero\u200bwidth\u2060 soft\xadhyphen \ufeffmark", "zerowidth softhyphen mark"),
        ("\u202eevil\u202c", "evil"),
        ("\ud83d\ude00 and \ud800", "😀 and \ufffd"),
        ("one\u3000two\xa0\t three", "one two three"),
    ],
)
def test_characters(found: str, expected: str) -> None:
    assert clean_text(found) == expected


def test_paragraphs_stay_and_margins_go() -> None:
    assert (
        clean_text("  One\tline \r\n second \r\n \r\n\r\n  Two\u2029Three\rfour \n")
        == "One line\nsecond\n\nTwo\n\nThree\nfour"
    )
    assert clean_line(" A\nheadline \u2028 in  lines ") == "A headline in lines"


def test_article_keeps_what_is_no_text() -> None:
    article = Article(" id ", "A\n title", "A\n\nbody ", dt.date(2020, 1, 2), "http://x/?a&amp;b", " BBC ", "en")
    assert clean_article(article) == Article(
        " id ", "A title", "A\n\nbody", dt.date(2020, 1, 2), "http://x/?a&amp;b", "BBC", "en"
    )


@given(st.one_of(NASTY, st.text(st.characters(exclude_categories=[]))))
def test_idempotent_and_clean_whatever_comes(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once.encode("utf-8").decode("utf-8") == once
    line = clean_line(text)
    assert clean_line(line) == line
    assert len(line.splitlines()) <= 1


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F, exclude_categories=["Cc", "Cf"]), max_size=30))
def test_any_text_misread_as_latin_1_twice_costs_no_error(text: str) -> None:
    mangled = text.encode().decode("latin-1").encode().decode("latin-1")
    assert clean_text(clean_text(mangled)) == clean_text(mangled)


@pytest.mark.parametrize(
    ("text", "imported"),
    [("Ordinary text &amp; “quotes” — Pelé’s café à la carte, 5 €.", False), ("cafÃ©", True)],
)
def test_ftfy_is_imported_only_for_suspicious_text(text: str, imported: bool) -> None:
    code = (
        f"import sys; from slugline.corpus.clean import clean_text; clean_text({text!r}); print('ftfy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(imported)


def test_cleaning_imports_the_standard_library_alone() -> None:
    heavy = {"numpy", "sklearn", "ftfy", "html"}
    code = f"import sys; import slugline.corpus.clean; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "unit", ["&amp;", "&#38;#38;", "&a", ";&", "Ã©", " \n", "&am&#112;;", "a;", "\ud800", "e\u0301"]
)
def test_long_nasty_text_is_finished(unit: str) -> None:
    # Anything worse than linear takes minutes here instead of a blink.
    text = unit * 100_000
    assert clean_text(clean_text(text)) == clean_text(text)


def plainly_cleaned(text: str, *, lines: bool) -> str:
    """The rules of `slugline.corpus.clean` as they are written there, every step on every text."""
    for _ in range(12):
        before = text
        if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = unicodedata.normalize("NFC", re.sub(clean._INVISIBLE, "", text))
        if "&" in text and ";" in text:
            text = clean._unescape(text)
        if re.search(clean._SUSPICIOUS, text):
            text = "\n".join(
                clean._mend_line(line) if re.search(clean._SUSPICIOUS, line) else line for line in text.split("\n")
            )
        text = unicodedata.normalize("NFC", text)
        text = re.sub("\r\n|[\r\v\f\x1c-\x1e\u2028]", "\n", text).replace("\u2029", "\n\n")
        if lines:
            text = re.sub(r" ?\n ?", "\n", re.sub(r"(?: (?=[^\S\n])|[^\S\n ])[^\S\n]*", " ", text))
            text = re.sub(r"\n{3,}", "\n\n", text).strip()
        else:
            text = " ".join(text.split())
        if text == before:
            break
    return text


WHITE = st.text(alphabet="ab \n\r\t\v\f\x1c\x1f\x85\xa0\u2028\u2029\u3000é&;Ã", max_size=12)


@given(st.one_of(NASTY, WHITE), st.booleans())
def test_what_is_passed_over_needs_nothing(text: str, lines: bool) -> None:
    expected = plainly_cleaned(text, lines=lines)
    assert (clean_text if lines else clean_line)(text) == expected
    if is_settled(text, lines=lines):
        assert text == expected
    # The most common texts must be known as settled, or the way around the rules is never taken.
    if text.isascii() and text == expected and "&" not in text:
        assert is_settled(text, lines=lines)


@pytest.mark.parametrize("text", ["Île-de-France\n\n“grève” à Nîmes; AT&T, R&D", "中文，标点", "Все — «да»"])
def test_ordinary_text_is_known_as_settled(text: str) -> None:
    assert is_settled(text, lines=True)
    assert not is_settled(text + " ", lines=True)


def test_an_article_in_order_is_given_back() -> None:
    article = Article("1", "Été", "One.\n\nTwo.", source="Le Monde")
    assert clean_article(article) is article
    assert clean_article(Article("1", "Été", "One.", source="Le  Monde")).source == "Le Monde"
