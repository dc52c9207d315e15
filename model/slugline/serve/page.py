"""The web page: server-rendered forms, which work without JavaScript and keep nothing on the server."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from slugline.corpus.page_text import parse_scraped
from slugline.errors import CorpusError
from slugline.experiment.card import model_card
from slugline.resources import data_path
from slugline.serve.errors import ApiError
from slugline.serve.guard import USER_KEY
from slugline.serve.markdown import to_html
from slugline.serve.page_article import ArticlePage
from slugline.serve.page_articles import FieldError, from_lines, sent_articles, to_lines
from slugline.serve.page_form import PageForm, read_form
from slugline.serve.page_several import by_worth, several_rows
from slugline.serve.render import render, root
from slugline.serve.state import State, state_of
from slugline.serve.watch import ERRORS

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_STATIC = {"app.css": "text/css", "app.js": "text/javascript", "icon.svg": "image/svg+xml"}


# Of the largest body, what articles may be; the rest is for what is said of them.
_CARRIED = 0.9


@router.get("/")
async def start(request: Request) -> Response:
    """The form for an article."""
    return _read_page(request, PageForm(who=request.scope.get(USER_KEY, "")))


@router.post("/")
async def predict(request: Request) -> Response:
    """What the model says of the article, or of each of the articles, that were sent."""
    state = state_of(request)
    form = await read_form(request, state.settings.limits)
    if form.verb == "example":
        return _example_page(request, form)
    try:
        articles = await state.work.run(lambda _: sent_articles(form, state.settings.limits))
    except FieldError as error:
        return _read_page(request, form, error)
    if len(articles) > 1:
        form.batch, form.saved = to_lines(articles), []
        # The page carries them back and forth, and more comes back than was sent.
        if len(form.batch.encode()) > _CARRIED * state.settings.limits.body:
            field = "file" if form.file_name else "body"
            message = "Too much text in all for this page. Send the articles in parts, or use slugline predict."
            return _read_page(request, form, FieldError(field, message))
        return await _several_page(request, form)
    form.forget()
    # What else came with it, from a page of several articles, is no longer meant.
    form.batch = ""
    form.title, form.body, form.id = articles[0].title, articles[0].body, articles[0].id
    return await _article_page(request, form)


@router.post("/article")
async def article(request: Request) -> Response:
    """The page of an article after one of its buttons was pressed."""
    state = state_of(request)
    form = await read_form(request, state.settings.limits)
    try:
        return await _pressed(request, form)
    except FieldError as error:
        return _read_page(request, PageForm(who=form.who), error)


@router.get("/article")
async def lost(request: Request) -> Response:
    """Nothing is kept, so an address alone leads to the form."""
    return RedirectResponse(f"{root(request)}/", 303)


@router.get("/about")
async def about(request: Request) -> Response:
    """The model's card."""
    state = state_of(request)
    bundle = state.served.predictor.bundle
    card = await state.work.run(lambda _: to_html(model_card(bundle, name=state.settings.model.stem)))
    return render(request, "about.html", {"here": "about", "card": Markup(card)})


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """The page's own style, script and icon."""
    if name not in _STATIC:
        raise ApiError(404, "there is nothing here")
    content, tag = _static_file(name)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_STATIC[name], headers=headers)


async def _pressed(request: Request, form: PageForm) -> Response:
    state = state_of(request)
    page = ArticlePage(form, state)
    if form.verb in ("new", "edit", "all", "sort", "open"):
        if form.dirty and state.settings.feedback is not None and form.leave != form.do:
            page.hold()
            return await _article_page(request, form, page)
        if form.verb == "new":
            return _read_page(request, PageForm(who=form.who))
        if form.verb == "edit":
            return _read_page(request, form)
        form.forget()
        if form.verb == "sort":
            return await _sorted_page(request, form)
        if form.verb == "open" and form.target.isdecimal():
            form.at = int(form.target)
            return await _article_page(request, form)
        return await _several_page(request, form)
    return await _article_page(request, form, page)


async def _article_page(request: Request, form: PageForm, page: ArticlePage | None = None) -> Response:
    state = state_of(request)
    page = page or ArticlePage(form, state)
    context = await state.work.run(lambda _: page.context())
    state.metrics.articles("/", 1)
    if page.saved:
        state.metrics.answer()
    return render(request, "article.html", context, page.status)


async def _sorted_page(request: Request, form: PageForm) -> Response:
    """The table, the articles that are most worth judging first."""
    state = state_of(request)
    predictor, articles = state.served.predictor, from_lines(form.batch)
    log = state.settings.feedback
    try:
        order, done = await state.work.run(lambda _: by_worth(predictor, articles, form.saved, log))
    except CorpusError as error:
        # Without what was found there, which may be an article's text.
        ERRORS.error("feedback: %s, line %s: %s", log, error.line, error.message)
        text = "The feedback log cannot be read, so that it is not known what was judged already. Nothing was sorted."
        return await _several_page(request, form, {"kind": "bad", "text": text, "field": ""})
    form.batch = to_lines(articles[number] for number in order)
    form.saved = [place for place, number in enumerate(order) if number in done]
    text = "First come the articles that the model doubts most, no two of them alike"
    text += "; those that were judged already come last." if done else "."
    return await _several_page(request, form, {"kind": "info", "text": text, "field": ""})


async def _several_page(request: Request, form: PageForm, note: dict[str, str] | None = None) -> Response:
    state = state_of(request)
    predictor, articles = state.served.predictor, from_lines(form.batch)
    state.metrics.articles("/", len(articles))
    rows = await state.work.run(lambda stop: several_rows(predictor, articles, form.saved, stop))
    done = sum(1 for row in rows if row["saved"])
    context = {"here": "read", "form": form, "rows": rows, "done": done, "note": note, "article": None}
    return render(request, "several.html", context | {"judging": state.settings.feedback is not None})


def _example_page(request: Request, form: PageForm) -> HTMLResponse:
    """The form with the shipped article; what stands in it is given up only when that is asked for twice."""
    title, body, _ = parse_scraped(data_path("starter", "sample-article.txt").read_text(encoding="utf-8"))
    typed = form.title.strip(), form.body.strip()
    if any(typed) and typed != (title, body) and form.leave != form.do:
        form.leave = form.do
        text = "There is a text already. Press “Try an example” again to have the example in its place."
        return _read_page(request, form, note={"kind": "info", "text": text, "field": ""})
    return _read_page(request, PageForm(who=form.who, title=title, body=body))


def _read_page(
    request: Request, form: PageForm, error: FieldError | None = None, note: dict[str, str] | None = None
) -> HTMLResponse:
    errors = {} if error is None else {error.field: error.message}
    if error is not None:
        note = {"kind": "bad", "text": error.message, "field": error.field}
    if note is not None and form.file_name and "file" not in errors:
        errors["file"] = "Please choose the file again."
    most = state_of(request).settings.limits.body
    limits = {"bytes": most, "megabytes": max(1, most >> 20)}
    context = {"here": "read", "form": form, "errors": errors, "note": note, "limits": limits}
    context["facts"] = _facts(state_of(request))
    # A form without a text may be kept by the browser, so that going back to it brings back what was typed.
    headers = None if form.body else {"Cache-Control": "no-cache"}
    return render(request, "read.html", context, 200 if error is None else 422, headers)


def _facts(state: State) -> list[tuple[str, str]]:
    """What somebody may expect of this server."""
    predictor = state.served.predictor
    bundle, found = predictor.bundle, []
    if bundle.tags is not None:
        found.append(("Tags", f"out of {len(predictor.labels()):,}, each with its probability."))
    if bundle.event_type is not None:
        events = state.served.predictor.events
        groups = len(set(events.groups.values()))
        found.append(("Event type", f"one of {len(events.types):,}, in {groups:,} groups."))
    found.append(("Why", "the words for and against each of them, marked in the text; and why not, for any other tag."))
    if state.settings.feedback is not None:
        found.append(("Your judgement", "accept, reject and add tags; what you save goes to the feedback log."))
    found.append(("Your text", "stays on this server, which forgets it with the answer."))
    return found


@lru_cache(maxsize=len(_STATIC))
def _static_file(name: str) -> tuple[bytes, str]:
    content = files("slugline.serve").joinpath("static", name).read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
