"""TF-IDF as scikit-learn transformers: the matrix of TfidfVectorizer in a fraction of the time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import normalize
from sklearn.utils.validation import check_is_fitted

from slugline.article import Article
from slugline.config import FeatureConfig, ViewConfig
from slugline.config_views import DEFAULT_VIEWS
from slugline.features import tokenizer
from slugline.features.numbering import KnownNumbers
from slugline.features.words import Words
from slugline.learn.count_rows import count_rows
from slugline.learn.counts import count_texts
from slugline.learn.text_terms import KnownTerms, count_spelled
from slugline.learn.vectorize import fit_tfidf

TOKEN_PATTERN = r"(?u)\b\w\w+\b"
"""What a word is to scikit-learn: two or more letters, digits or underscores."""


class TextVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Texts (str, or bytes in UTF-8) into TF-IDF rows, CSR (n, d); the options are those of TfidfVectorizer.

    Columns are in the order of the terms. `token_pattern` None reads words as Slugline does (`features.tokenizer`),
    whose case is folded whatever `lowercase` says; a pattern other than `TOKEN_PATTERN` is slower. After `fit`:
    `vocabulary_`, terms and their columns, and where `use_idf` `idf_` (d,). Raises ValueError where no term is left.

    >>> texts = ["rebels seize airport", "bank raises rates", "rebels rob bank"]
    >>> TextVectorizer(min_df=2).fit(texts).get_feature_names_out().tolist()
    ['bank', 'rebels']
    """

    def __init__(
        self,
        *,
        ngram_range: tuple[int, int] = (1, 1),
        min_df: float = 1,
        max_df: float = 1.0,
        max_features: int | None = None,
        lowercase: bool = True,
        token_pattern: str | None = TOKEN_PATTERN,
        norm: str | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        dtype: type = np.float64,
    ) -> None:
        self.ngram_range = ngram_range
        self.min_df = min_df
        self.max_df = max_df
        self.max_features = max_features
        self.lowercase = lowercase
        self.token_pattern = token_pattern
        self.norm = norm
        self.use_idf = use_idf
        self.smooth_idf = smooth_idf
        self.sublinear_tf = sublinear_tf
        self.dtype = dtype

    def fit(self, raw_documents: Iterable[str | bytes], y: object = None) -> Self:  # noqa: ARG002
        """Learn terms and idf; `y` is ignored."""
        self._learn(raw_documents)
        return self

    def fit_transform(self, raw_documents: Iterable[str | bytes], y: object = None) -> csr_matrix:  # noqa: ARG002
        """Learn terms and idf, and give the rows of the same texts; `y` is ignored."""
        return self._weighted(self._learn(raw_documents))

    def transform(self, raw_documents: Iterable[str | bytes]) -> csr_matrix:
        """The rows of texts by what `fit` learned; empty where no term is known. Raises NotFittedError before `fit`."""
        check_is_fitted(self, "_known")
        texts = self._texts(raw_documents)
        tokenize, words = self._reader(KnownNumbers(self._known.units))
        if words is None:
            return self._weighted(self._known.count_spelled(texts, tokenize, self.ngram_range))
        return self._weighted(self._known.count(texts, words))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """The terms, in the order of the columns: object (d,). `input_features` is ignored."""
        check_is_fitted(self, "_known")
        return np.array(self._known.spelled(), dtype=object)

    @property
    def vocabulary_(self) -> dict[str, int]:
        """The column of each term."""
        check_is_fitted(self, "_known")
        return {term: column for column, term in enumerate(self._known.spelled())}

    def __sklearn_tags__(self) -> Any:
        return _of_strings(super().__sklearn_tags__())

    def _learn(self, raw_documents: Iterable[str | bytes]) -> csr_matrix:
        """Learn from texts; their counts."""
        low, high = self.ngram_range
        if not 1 <= low <= high:
            raise ValueError(f"ngram_range is {self.ngram_range!r}, expected 1 <= lower <= upper boundary")
        texts = self._texts(raw_documents)
        least = self.min_df if _is_count(self.min_df) else self.min_df * len(texts)
        most = self.max_df if _is_count(self.max_df) else self.max_df * len(texts)
        if most < least:
            raise ValueError("max_df corresponds to < documents than min_df")
        tokenize, words = self._reader()
        if words is None:
            counted = count_spelled(texts, tokenize, self.ngram_range)
        else:
            counted = count_texts(texts, ViewConfig(part="body", ngram_min=low, ngram_max=high), words)
        terms = counted.views[0] if counted.views else None
        if terms is None or not len(terms.articles_with):
            raise ValueError("empty vocabulary; perhaps the documents only contain stop words")
        frequency = terms.articles_with
        kept = terms.sorted(np.flatnonzero((frequency >= least) & (frequency <= most)))
        if self.max_features is not None and len(kept) > self.max_features:
            # The very call of scikit-learn's, so that it keeps the same of equally frequent terms.
            kept = kept[np.sort((-terms.occurrences[kept]).argsort()[: self.max_features])]
        if not len(kept):
            raise ValueError("After pruning, no terms remain. Try a lower min_df or a higher max_df.")
        self._known = KnownTerms.of(terms, kept)
        if self.use_idf:
            idf = frequency[kept].astype(self._float())
            idf += float(self.smooth_idf)
            self.idf_ = np.log((len(texts) + int(self.smooth_idf)) / idf) + 1.0
        handed = [counted]
        del counted
        dtype = self._float()
        return count_rows(handed, [kept], [np.arange(len(kept))], lambda rows: rows.data.astype(dtype), dtype)

    def _weighted(self, X: csr_matrix) -> csr_matrix:
        """Counts as TF-IDF."""
        values = X.data.astype(self._float(), copy=False)
        if self.sublinear_tf:
            np.log(values, values)
            values += 1.0
        if self.use_idf:
            values *= self.idf_.take(X.indices)
        X.data = values
        return X if self.norm is None else normalize(X, norm=self.norm, copy=False)

    def _float(self) -> Any:
        return self.dtype if self.dtype in (np.float32, np.float64) else np.float64

    def _reader(self, numbers: KnownNumbers | None = None) -> tuple[Callable[[str], list[str]], Words | None]:
        """What finds the words of a text, and, where it may be given parts of texts, what does so for many at once."""
        if self.token_pattern is None:
            return tokenizer.tokens, Words(numbers=numbers)
        find = re.compile(self.token_pattern).findall
        if self.token_pattern != TOKEN_PATTERN:
            return find, None
        return find, Words(find, "_", fold=False, numbers=numbers)

    def _texts(self, raw_documents: Iterable[str | bytes]) -> list[str]:
        if isinstance(raw_documents, (str, bytes)):
            raise ValueError("Iterable over raw text documents expected, string object received.")
        texts = [one.decode() if isinstance(one, bytes) else one for one in raw_documents]
        for number, text in enumerate(texts):
            if not isinstance(text, str):
                raise ValueError(f"document {number} is {type(text).__name__}, expected str or bytes")
        if self.lowercase and self.token_pattern is not None:
            texts = [text.lower() for text in texts]
        return texts


class ArticleVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Articles into the rows that Slugline's models learn from: see `fit_tfidf` and `slugline.config.ViewConfig`.

    `views` say which terms of which part of an article count; None takes Slugline's own.
    """

    def __init__(self, views: Sequence[ViewConfig] | None = None) -> None:
        self.views = views

    def fit(self, articles: Sequence[Article], y: object = None) -> Self:  # noqa: ARG002
        """Learn terms and idf; `y` is ignored. Raises CorpusError where no term is left."""
        self.fit_transform(articles)
        return self

    def fit_transform(self, articles: Sequence[Article], y: object = None) -> csr_matrix:  # noqa: ARG002
        """Learn terms and idf, and give the rows (n, d) of the same articles; `y` is ignored."""
        articles = list(articles)
        self.tfidf_, X = fit_tfidf(articles, FeatureConfig(tuple(self.views or DEFAULT_VIEWS)))
        return X

    def transform(self, articles: Sequence[Article]) -> csr_matrix:
        """The rows (n, d) of articles. Raises NotFittedError before `fit`."""
        check_is_fitted(self, "tfidf_")
        rows = self.tfidf_.rows(articles)
        return csr_matrix((rows.values, rows.indices, rows.indptr), shape=(len(rows), len(self.tfidf_.vocabulary)))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """The terms as a model file holds them: object (d,). `input_features` is ignored."""
        check_is_fitted(self, "tfidf_")
        return np.array(self.tfidf_.vocabulary.terms(), dtype=object)

    def __sklearn_tags__(self) -> Any:
        return _of_strings(super().__sklearn_tags__())


def _is_count(limit: object) -> bool:
    """Whether a limit is a number of texts; else it is a share of them."""
    return isinstance(limit, Integral)


def _of_strings(tags: Any) -> Any:
    """What scikit-learn is told of an estimator that reads no table."""
    tags.input_tags.string = True
    tags.input_tags.two_d_array = False
    return tags
