"""A search of configurations: on the training part alone, the same trials every time, stopped and gone on with."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from types import SimpleNamespace

import pytest

from slugline import feedback, tracking
from slugline.config import Config, CorpusConfig, FeatureConfig, ViewConfig, load_config, replace
from slugline.errors import ConfigError, CorpusError, MissingExtraError, OutputError, SluglineError
from slugline.experiment import search as module
from slugline.experiment.prepare import prepare, prepare_to_train
from slugline.experiment.search import SearchPlan, objective_of, search
from slugline.experiment.space import config_values, space_for, with_values
from slugline.experiment.study import open_study
from slugline.learn import kept
from slugline.learn.estimators.starts import Starts
from slugline.learn.train import train

pytest.importorskip("optuna")

WORDS = {
    "Sports": "team goal season player match coach league",
    "Courts": "judge trial lawyer verdict appeal court jury",
    "Money": "bank rates shares profit market trade budget",
}


WORDS_ONLY = FeatureConfig((ViewConfig(),))


def rows(held_out="Sports", body=None):
    """36 training articles of three types and tags that overlap, then 9 held out, of the type and text given."""
    kinds = list(WORDS)
    for number in range(45):
        kind, other = kinds[number % 3], kinds[(number * 7 // 3) % 3]
        words = WORDS[kind].split() * 2 + WORDS[other].split()
        text = " ".join(words[(number * 3 + step * 5) % len(words)] for step in range(14)) + f" case{number}"
        row = {"id": f"a{number}", "title": f"Report {number}", "body": text, "tags": sorted({kind, other})}
        row |= {"event_type": kind, "part": "train"}
        if number >= 36:
            row |= {"part": "test", "event_type": held_out, "tags": [held_out], "body": body or text}
        yield row


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def write(name="c.jsonl", **said):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows(**said)))
        return replace(Config(corpus=CorpusConfig(name), features=WORDS_ONLY), "learn", folds=3)

    return write


def found(config, out, *, trials=12, **said):
    return search(config, SearchPlan(trials=trials, **said), out, track=False)


def tried(result):
    return [(trial.number, trial.state, trial.value, trial.values) for trial in result.trials]


def test_feedback_is_learned_from_as_in_training_and_makes_another_search(corpus, tmp_path):
    config = corpus()
    held_out, trained = (prepare(config).held_out.articles[0], prepare(config).train.articles[0])
    plain = found(config, tmp_path / "plain.toml", trials=1)
    for article in (held_out, trained):
        answer = feedback.Feedback.of(article, model="sha256:" + "0" * 64, added=["Courts"], rejected=["Sports"])
        feedback.append("log.jsonl", answer)
    judged = replace(config, "learn", feedback="log.jsonl")
    result = found(judged, tmp_path / "best.toml", trials=1)
    assert result.study != plain.study
    assert result.feedback.changed == 1
    assert result.feedback.unused == {"held out": 1}
    assert result.to_dict()["feedback"]["answers"] == 2
    assert load_config(tmp_path / "best.toml").learn.feedback == "log.jsonl"
    # What was measured is what training on the same log measures.
    first = prepare_to_train(judged)
    part = first.train
    made = train(part.articles, part.labels, part.groups, first.config, partial=part.partial)
    assert result.trials[0].measures["tags"]["micro_f1"] == pytest.approx(made.summary()["tags"]["micro_f1"], abs=1e-6)


def test_what_is_written_is_the_best_and_trains(corpus, tmp_path):
    config = corpus()
    result = found(config, tmp_path / "best.toml")
    assert len(result.trials) == 12
    assert result.trials[0].values == config_values(result.config, []) | config_values(
        with_values(result.config, result.trials[0].values), result.space
    )
    assert result.best[0].value >= result.trials[0].value
    assert result.best[0].value == max(trial.value for trial in result.trials if trial.state == "complete")
    written = load_config(tmp_path / "best.toml")
    assert written == result.config
    assert config_values(written, result.space) == result.best[0].values
    assert written.split.method == "official"
    # What the trial was said to be worth, training says again.
    part = prepare_to_train(written).train
    trained = module.train(part.articles, part.labels, part.groups, written).summary()
    measures = {head: {key: trained[head][key] for key in keys} for head, keys in HEADS.items()}
    assert objective_of(measures, "mean") == pytest.approx(result.best[0].value, abs=1e-9)


HEADS = {"tags": ("micro_f1", "macro_f1"), "event_type": ("accuracy", "macro_f1")}


def test_the_held_out_part_changes_no_trial(corpus, tmp_path):
    one = found(corpus("c.jsonl"), tmp_path / "one.toml", trials=6)
    config = corpus("d.jsonl", held_out="Money", body="Nothing of this was ever in the other corpus")
    other = found(config, tmp_path / "other.toml", trials=6)
    assert one.study != other.study
    assert tried(one) == tried(other)


def test_only_training_articles_reach_training(corpus, monkeypatch, tmp_path):
    seen = set()

    def spy(articles, *rest, **said):
        seen.update(article.id for article in articles)
        return train(articles, *rest, **said)

    train = module.train
    monkeypatch.setattr(module, "train", spy)
    found(corpus(), tmp_path / "best.toml", trials=2)
    assert seen == {f"a{number}" for number in range(36)}


def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(corpus, monkeypatch, tmp_path):
    config = corpus()
    whole = found(config, tmp_path / "whole.toml", trials=14)
    monkeypatch.setattr(module, "beside_store", lambda name: tmp_path / "elsewhere" / name)
    train, calls = module.train, []

    def dies(*arguments, **said):
        calls.append(1)
        if len(calls) in (1, 10):
            raise KeyboardInterrupt
        return train(*arguments, **said)

    monkeypatch.setattr(module, "train", dies)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            found(config, tmp_path / "best.toml", trials=14)
    rest = found(config, tmp_path / "best.toml", trials=14)
    assert rest.added < 14
    assert tried(rest) == tried(whole)
    assert (tmp_path / "best.toml").read_text() == (tmp_path / "whole.toml").read_text()
    assert found(config, tmp_path / "best.toml", trials=14).added == 0


def test_trials_start_from_the_first_alone(corpus, monkeypatch, tmp_path):
    asked, fitted = [], []

    class Spy(Starts):
        def find(self, Y):
            found = super().find(Y)
            asked.append((self.open, None if found is None else [block.alpha.tobytes() for block in found]))
            return found

    train = module.train
    monkeypatch.setattr(kept, "Starts", Spy)
    monkeypatch.setattr(module, "train", lambda *rest, **said: fitted.append(said["kept"]) or train(*rest, **said))
    found(corpus(), tmp_path / "best.toml", trials=3)
    found(corpus(), tmp_path / "best.toml", trials=8)
    # The second call trained the first configuration again, then five more.
    assert [fitted.count(one) for one in dict.fromkeys(fitted)] == [3, 6]
    assert {start is None for is_open, start in asked if is_open} == {True}
    later = [start for is_open, start in asked if not is_open]
    assert later
    # Two heads' labels, the same for both calls.
    assert len({tuple(start) for start in later}) == 2


def test_hopeless_trials_are_given_up_after_their_first_folds(corpus, tmp_path):
    result = found(corpus(), tmp_path / "best.toml", trials=30)
    pruned = [trial for trial in result.trials if trial.state == "pruned"]
    complete = [trial for trial in result.trials if trial.state == "complete"]
    assert pruned
    assert {trial.folds for trial in complete} == {6}
    assert all(2 <= trial.folds <= 6 and trial.value is None for trial in pruned)
    assert min(trial.number for trial in pruned) >= 4


def test_a_trial_that_runs_over_is_stopped_and_does_not_count(corpus, monkeypatch, tmp_path):
    config = corpus()
    found(config, tmp_path / "best.toml", trials=2)
    clock = iter([0.0, *[1.0] * 3, *[100.0] * 1000])
    # The module's clock alone: threads that wait look at the real one.
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    result = search(config, SearchPlan(budget=60, trials=9), tmp_path / "best.toml", track=False)
    assert "stopped" in result.ended
    assert (len(result.trials), result.added) == (2, 0)
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert [trial.state for trial in found(config, tmp_path / "best.toml", trials=3).trials][:1] == ["complete"]


def test_no_trial_is_begun_that_could_not_end_in_time(corpus, tmp_path):
    config = corpus()
    found(config, tmp_path / "best.toml", trials=1)
    result = search(config, SearchPlan(budget=1e-6), tmp_path / "best.toml", track=False)
    assert (result.added, len(result.trials)) == (0, 1)
    assert "quickest" in result.ended


def test_a_budget_too_short_for_any_trial_is_told(corpus, tmp_path):
    with pytest.raises(SluglineError, match="no trial was finished"):
        search(corpus(), SearchPlan(budget=1e-6), tmp_path / "best.toml", track=False)
    assert not (tmp_path / "best.toml").exists()


def test_fresh_begins_anew_and_a_name_is_of_one_search(corpus, tmp_path):
    config = corpus()
    first = found(config, tmp_path / "b.toml", trials=2)
    fresh = found(config, tmp_path / "b.toml", trials=2, fresh=True)
    assert (fresh.study, fresh.added) == (f"{first.study}-2", 2)
    assert found(config, tmp_path / "b.toml", trials=3).study == fresh.study
    named = found(config, tmp_path / "b.toml", trials=1, study="mine")
    assert named.study == "mine"
    with pytest.raises(SluglineError, match=r"'mine' is of another search"):
        found(config, tmp_path / "b.toml", trials=1, study="mine", seed=1)


def test_two_processes_do_not_search_in_one_study(tmp_path):
    file = tmp_path / "s.db"
    failed = []

    def second():
        try:
            with open_study(file, "one", "f", (), {}, 0):
                pass
        except SluglineError as error:
            failed.append(str(error))

    with open_study(file, "one", "f", (), {}, 0):
        thread = threading.Thread(daemon=True, target=second)
        thread.start()
        thread.join()
    assert "another process" in failed[0]
    second()
    assert len(failed) == 1


def test_trials_are_nested_runs_of_one_run_that_goes_on(corpus, tmp_path):
    config = corpus()
    for trials in (1, 2):
        result = search(config, SearchPlan(trials=trials), tmp_path / "best.toml")
    (parent,) = tracking.list_runs()
    assert (parent.id, parent.status, parent.metrics["search/complete"]) == (result.run_id, "FINISHED", 2.0)
    children = [run for run in tracking.list_runs(nested=True) if run.id != parent.id]
    assert {run.tags[tracking.PARENT] for run in children} == {parent.id}
    assert {run.name for run in children} == {"trial 0", "trial 1"}
    assert children[-1].params["tags.C"] == str(config.tags.C)
    assert children[-1].metrics["objective"] == pytest.approx(result.trials[0].value)
    assert set(tracking.get_run(parent.id).files) == {"best.toml", "trials.json"}


def test_objectives(corpus, tmp_path):
    config = corpus()
    measures = {"tags": {"micro_f1": 0.8, "macro_f1": 0.6}, "event_type": {"accuracy": 0.9, "macro_f1": 0.5}}
    assert [objective_of(measures, name) for name in ("mean", "micro", "macro")] == pytest.approx([0.7, 0.85, 0.55])
    types = found(config, tmp_path / "b.toml", trials=1, objective="accuracy")
    assert types.heads == ("event_type",)
    assert not any(one.name.startswith("tags.") for one in types.space)
    assert types.trials[0].value == pytest.approx(types.trials[0].measures["event_type"]["accuracy"])
    with pytest.raises(ConfigError, match="objective"):
        found(config, tmp_path / "b.toml", objective="nDCG")


def test_accuracy_needs_event_types(corpus, tmp_path):
    config = corpus()
    lines = [json.dumps(json.loads(line) | {"event_type": None}) for line in (tmp_path / "c.jsonl").open()]
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    with pytest.raises(CorpusError, match="no article has one"):
        found(config, tmp_path / "b.toml", objective="accuracy")


def test_the_start_is_in_the_space_and_a_start_that_cannot_be_trained_is_told(corpus, tmp_path):
    odd = replace(corpus(), "tags", C=123.0, threshold_shrink=0.77)
    space = {one.name: one for one in space_for(odd, ("tags",))}
    assert space["tags.C"].high == 123.0
    assert 0.77 in space["tags.threshold_shrink"].choices
    views = tuple(dataclasses.replace(view, min_df=40) for view in odd.features.views)
    with pytest.raises(CorpusError, match="no term"):
        found(replace(odd, "features", views=views), tmp_path / "b.toml")


def test_a_view_of_no_weight_is_left_out():
    config = Config()
    two = (ViewConfig(), ViewConfig(name="lead", part="lead", weight=0.5))
    config = replace(config, "features", views=two)
    assert {"views.words.min_df", "views.lead.weight"} <= {one.name for one in space_for(config, ("tags",))}
    assert [view.name for view in with_values(config, {"views.lead.weight": 0.0}).features.views] == ["words"]
    changed = with_values(config, {"views.lead.weight": 0.25, "views.words.min_df": 1})
    assert [(view.weight, view.min_df) for view in changed.features.views] == [(1.0, 1), (0.25, 2)]


def test_what_is_read_is_not_replaced(corpus, tmp_path):
    config = corpus()
    start = tmp_path / "start.toml"
    start.write_text(config.to_toml())
    with pytest.raises(OutputError, match="would overwrite"):
        search(config, SearchPlan(trials=1), start, inputs=(start,), track=False)


def test_without_optuna_the_command_that_installs_it_is_told(corpus, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'slugline\[search\]'"):
        found(corpus(), tmp_path / "b.toml")


def test_a_file_that_is_no_record_of_searches_is_told(corpus, tmp_path):
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "searches.db").write_bytes(b"no database" * 200)
    with pytest.raises(OutputError, match=r"searches\.db: cannot use the record"):
        found(corpus(), tmp_path / "b.toml")


def test_each_heads_first_view_stays():
    views = (
        ViewConfig(name="words", heads="tags"),
        ViewConfig(name="stems", unit="stem"),
        ViewConfig(name="letters", unit="char", heads="event_type"),
    )
    config = Config(features=FeatureConfig(views))
    names = {one.name for one in space_for(config, ("tags", "event_type"))}
    assert {"views.words.min_df", "views.stems.min_df", "views.letters.weight"} <= names
    assert not names & {"views.words.weight", "views.stems.weight"}
    names = {one.name for one in space_for(config, ("tags",))}
    assert {"views.words.min_df", "views.stems.weight"} <= names
    assert not any("letters" in name for name in names)
