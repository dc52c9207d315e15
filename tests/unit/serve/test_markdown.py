"""A card's Markdown as HTML."""

from __future__ import annotations

from slugline.serve.markdown import to_html


def test_headings_paragraphs_lists_and_links() -> None:
    made = to_html("# A `card`\nTwo lines\nof **text**.\n\n- one,\n  https://example.com/a.\n- two")
    assert made.split("\n") == [
        "<h1>A <code>card</code></h1>",
        "<p>Two lines of <strong>text</strong>.</p>",
        '<ul><li>one, <a href="https://example.com/a" rel="noreferrer">https://example.com/a</a>.</li><li>two</li></ul>',
    ]


def test_a_table_scrolls_and_can_be_reached() -> None:
    made = to_html("| what | how many |\n| --- | --- |\n| tags | 1,000 |")
    assert '<th scope="col">what</th>' in made
    assert "<td>1,000</td>" in made
    assert 'tabindex="0" role="region" aria-label="Table: what"' in made


def test_nothing_of_the_text_is_html() -> None:
    made = to_html(
        '# <script>\n\n| a<b | "x" |\n|---|---|\n| <img src=x> | javascript:alert(1) |\n\n- <b>&amp;\n\n`<i>`'
    )
    for tag in ("<script", "<img", "<b>", "<i>", "href"):
        assert tag not in made
    assert "&lt;script&gt;" in made


def test_code_is_shown_as_it_is_and_can_be_reached() -> None:
    made = to_html('Before:\n\n```toml\n[a]\n# no heading\n\nb = "<i>**x**"\n```\n\nAfter.')
    before, *code, after = made.split("\n")
    assert (before, after) == ("<p>Before:</p>", "<p>After.</p>")
    assert "\n".join(code).endswith("[a]\n# no heading\n\nb = &quot;&lt;i&gt;**x**&quot;\n</code></pre></div>")
    assert 'tabindex="0" role="region"' in code[0]


def test_what_is_escaped_is_no_mark() -> None:
    made = to_html("| a \\| b | c |\n| --- | ---: |\n| \\*\\*x\\*\\* | \\`y\\` \\<b> |\n\n\\[z] \\\\")
    assert '<th scope="col">a | b</th><th scope="col">c</th>' in made
    assert "<td>**x**</td><td>`y` &lt;b&gt;</td>" in made
    assert made.endswith("<p>[z] \\</p>")
