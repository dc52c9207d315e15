"""The fields of a form, whatever was sent."""

from __future__ import annotations

from slugline.serve.page_form import PageForm, from_fields


def test_fields_are_read_and_what_no_page_sends_is_passed_over() -> None:
    form = from_fields(
        [
            ("do", "show:tag:a:b"),
            ("title", "T"),
            ("at", "3"),
            ("saved", "2"),
            ("saved", "1"),
            ("saved", "x"),
            ("tag:Syria", "accept"),
            ("tag:Iran", "maybe"),
            ("event", "what"),
            ("added", "Oil"),
            ("added", "Oil"),
            ("complete", "yes"),
            ("file", "not a file"),
            ("choices", "x"),
        ]
    )
    assert (form.verb, form.target) == ("show", "tag:a:b")
    assert (form.title, form.at, form.saved, form.added, form.complete) == ("T", 3, [1, 2], ["Oil"], True)
    assert form.choices == {"Syria": "accept"}
    assert (form.event, form.file_name) == ("skip", "")
    assert from_fields([("at", "-1"), ("at", "9" * 99)]).at == 0


def test_something_is_unsaved_until_what_was_said_is_what_was_kept() -> None:
    form = PageForm(choices={"Syria": "skip"})
    assert not form.judged
    assert not form.dirty
    form.choices["Syria"] = "accept"
    assert form.dirty
    form.kept = form.judgement_key
    assert not form.dirty
    form.added.append("Oil")
    assert form.dirty
    form.forget()
    assert not form.dirty
