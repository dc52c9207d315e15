"""Text cut into marked pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.flow import flowed
from slugline.marks import Mark
from slugline.serve.highlight import Piece, highlight

ARTICLE = Article("1", "Oil price", "The oil price fell.\n\nNobody knows why.")


def test_signs_levels_and_neighbours_that_are_one_piece() -> None:
    marks = [Mark("body", 4, 7, 1.0), Mark("body", 8, 13, 0.6), Mark("body", 14, 18, -0.3), Mark("body", 0, 3, 0.05)]
    title, paragraphs = highlight(ARTICLE, marks)
    assert title == [Piece("Oil price")]
    assert paragraphs == [
        [
            Piece("The "),
            Piece("oil price", "for", 3, 1.6),
            Piece(" "),
            Piece("fell", "against", 2, -0.3),
            Piece("."),
        ],
        [Piece("Nobody knows why.")],
    ]
    assert paragraphs[0][3].said == "−0.30"


def test_a_mark_of_the_title_and_one_of_the_second_paragraph() -> None:
    title, paragraphs = highlight(ARTICLE, [Mark("title", 0, 3, 1.0), Mark("body", 21, 27, 1.0)])
    assert title == [Piece("Oil", "for", 3, 1.0), Piece(" price")]
    assert paragraphs[0] == [Piece("The oil price fell.")]
    assert paragraphs[1] == [Piece("Nobody", "for", 3, 1.0), Piece(" knows why.")]


@given(
    st.lists(st.text("ab c\n", min_size=1), max_size=5).map("\n\n".join),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6), st.floats(-2, 2)), max_size=8),
)
def test_the_pieces_are_the_text_whatever_the_marks(body: str, places: list[tuple[int, int, float]]) -> None:
    marks = [Mark("body", start, start + length, value) for start, length, value in places]
    _, paragraphs = highlight(Article("1", "", body), marks)
    shown = ["".join(piece.text for piece in paragraph) for paragraph in paragraphs]
    assert shown == [paragraph for paragraph in flowed(body).split("\n\n") if paragraph.strip()]
