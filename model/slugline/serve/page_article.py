"""One article's page: what the pressed button does to it, and everything that its template needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slugline import feedback
from slugline.article import NONE, Article
from slugline.corpus.tags import near_tags, tag_key
from slugline.errors import SluglineError
from slugline.serve.page_articles import FieldError, from_lines
from slugline.serve.page_judge import answer, summary
from slugline.serve.page_view import article_view, choose_shown, event_choices

if TYPE_CHECKING:
    from slugline.article import Prediction
    from slugline.explanation import Explanation
    from slugline.serve.labels import Labels
    from slugline.serve.page_form import PageForm
    from slugline.serve.state import State

NEAR = 5
"""How many tags are shown that came nearest to being assigned."""

_NEAR_FROM = 0.01
_LOOKED_AT = 40


def tag_named(labels: Labels, typed: str) -> str | None:
    """The tag that has the name or the alias `typed`, however it is written; of several, the one spelled so."""
    key = tag_key(typed)
    found = [
        entry.tag
        for entry in labels.complete(typed, _LOOKED_AT)[0]
        if key and key in (tag_key(entry.tag), *map(tag_key, entry.aliases))
    ]
    return typed if typed in found else found[0] if found else None


def tags_near(labels: Labels, typed: str) -> list[str]:
    """Tags that `typed` may have been meant to be: what it completes to, else what is spelled nearly so."""
    found = [entry.tag for entry in labels.complete(typed, NEAR)[0]] if tag_key(typed) else []
    return found or near_tags(typed, (entry.tag for entry in labels.tags), NEAR)


class ArticlePage:
    """The page of the article in `form`.

    Once `context` was called, `status` is the answer's, and `saved` whether the log has the judgement.
    The predictor is taken once: all of the page is of one model.
    """

    def __init__(self, form: PageForm, state: State) -> None:
        self.form = form
        self.status = 200
        self._settings = state.settings
        self._predictor = state.served.predictor
        self.saved = False
        self._labels = state.served.labels(self._predictor)
        self._note: dict[str, str] | None = None
        self._errors: dict[str, str] = {}
        self._suggestions: list[str] = []
        self._focus = ""
        self._held = ""

    @property
    def judging(self) -> bool:
        """Whether there is a log to save to."""
        return self._settings.feedback is not None

    def hold(self) -> None:
        """Do not leave yet, for something is not saved."""
        self._say("bad", "Your judgement is not saved. Save it, or press the same button again to go on without.", 409)
        self._held = self.form.do

    def context(self) -> dict[str, Any]:
        """What the template needs, after the button's work is done. Raises FieldError where the article got lost."""
        form = self.form
        articles = from_lines(form.batch) if form.several else [Article(form.id, form.title, form.body)]
        form.at = min(form.at, len(articles) - 1) if form.several else 0
        article = articles[form.at]
        if len(article.title) + len(article.body) > self._settings.limits.text:
            raise FieldError("body", f"More than {self._settings.limits.text:,} characters.")
        known = set(self._predictor.labels())
        form.added = [tag for tag in form.added if tag in known]
        form.asked = [tag for tag in form.asked if tag in known]
        given, near = self._given(article)
        if not self._held:
            self._press([tag.tag for tag in given.tags if tag.decided])
        others = list(dict.fromkeys([*near, *form.asked, *form.added]))
        choose_shown(form, given, others, events=self._predictor.bundle.event_type is not None)
        marked = (form.shown.removeprefix("tag:"),)
        said = next(self._predictor.explain_stream([article], tags=others, marked=marked))
        if form.verb == "save":
            self._save(said)
        view = article_view(form, said)
        form.model = said.prediction.model
        shown = {"count": len(articles), "heading": view["heading"], "language": view["language"], **view["story"]}
        choices = event_choices(self._predictor.events)
        return {
            **view,
            "here": "read",
            "form": form,
            "article": shown,
            "event": {**view["event"], "choices": choices},
            "judging": self.judging,
            "dirty": form.dirty,
            "kept": self._kept(),
            "saved": self.saved,
            "has_tags": self._predictor.bundle.tags is not None,
            "note": self._note,
            "errors": self._errors,
            "suggestions": self._suggestions,
            "focus": self._focus,
            "leave": self._held,
        }

    def _given(self, article: Article) -> tuple[Prediction, list[str]]:
        """What the model says of the article, and the tags that came nearest to being assigned."""
        (given,) = self._predictor.predict([article])
        (best,) = self._predictor.predict([article], top=_LOOKED_AT + len(given.tags))
        return given, [tag.tag for tag in best.tags if not tag.decided and tag.probability >= _NEAR_FROM][:NEAR]

    def _press(self, decided: list[str]) -> None:
        """Do what the pressed button says, as far as it changes the form."""
        form, verb = self.form, self.form.verb
        if verb == "enter" and form.tag.strip():
            verb = "add" if self.judging else "ask"
        if verb == "show":
            form.shown = form.target
        elif verb == "accept-rest":
            for tag in decided:
                if form.choices.get(tag, "skip") == "skip":
                    form.choices[tag] = "accept"
            self._say("info", "All other tags are accepted. They are not saved yet.")
        elif verb == "remove":
            form.added = [tag for tag in form.added if tag != form.target]
            self._say("info", f"{form.target} is taken out again.")
            self._focus = "tag"
        elif verb in ("add", "ask"):
            self._find(verb, form.target or form.tag, decided)
        elif verb == "enter":
            self._say("info", "Nothing was saved. Press Save to save.")

    def _find(self, verb: str, typed: str, decided: list[str]) -> None:
        form = self.form
        self._focus = "tag"
        if not typed.strip():
            self._wrong("tag", "Type a tag first.")
            return
        tag = tag_named(self._labels, typed)
        if tag is None:
            self._suggestions = tags_near(self._labels, typed)
            self._wrong("tag", f"The model has no tag “{typed.strip()[:80]}”.")
            return
        form.tag, form.shown = "", f"tag:{tag}"
        if verb == "ask":
            self._focus = ""
            if tag not in form.asked:
                form.asked.append(tag)
        elif not self.judging:
            return
        elif tag in decided:
            form.choices[tag] = "accept"
            self._say("info", f"{tag} was assigned already; it is accepted now.")
        elif tag in form.added:
            self._say("info", f"{tag} is added already.")
        else:
            form.added.append(tag)
            self._say("info", f"{tag} is added. It is not saved yet.")

    def _save(self, said: Explanation) -> None:
        form, log = self.form, self._settings.feedback
        if log is None:
            return
        if form.model and form.model != said.prediction.model:
            self._say("bad", "Another model answers now than when you judged. Look again, then save.", 409)
        elif form.tag.strip():
            self._wrong("tag", f"“{form.tag.strip()[:80]}” is not added yet. Press Add, or clear the field.")
        elif not form.judged:
            self._say("bad", "There is nothing to save yet. Accept or reject something, or add a tag.", 422)
        elif not form.who.strip():
            self._wrong("who", "Please say who you are: the log keeps it with your judgement.")
        elif form.event_type not in ("", NONE) and form.event_type not in self._types():
            self._wrong("event-type", "The model has no such event type.")
        else:
            try:
                saved = answer(form, said, keep_text=self._settings.keep_text)
                feedback.append(log, saved)
            except SluglineError as error:
                self._say("bad", f"It could not be saved: {error}. Nothing is lost here; try again.", 503)
                return
            form.kept = form.judgement_key
            if form.several:
                form.saved = sorted({*form.saved, form.at})
            self.saved = True
            self._say("good", summary(saved))

    def _types(self) -> set[str]:
        return {value for _, types in event_choices(self._predictor.events) for value, _ in types}

    def _kept(self) -> str:
        if self._settings.keep_text:
            return "The log keeps your name, the time and the article with its text."
        return "The log keeps your name, the time and a digest of the article, not its text."

    def _say(self, kind: str, text: str, status: int = 200) -> None:
        self._note = {"kind": kind, "text": text, "field": ""}
        self.status = status

    def _wrong(self, field: str, text: str) -> None:
        self._errors[field] = text
        self._note = {"kind": "bad", "text": text, "field": field}
        self._focus = field
        self.status = 422
