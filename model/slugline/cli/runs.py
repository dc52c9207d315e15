"""`slugline runs`: the tracked runs, one of them, and two side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console, options

if TYPE_CHECKING:
    from slugline.evaluate.results import Metric
    from slugline.experiment.compare import RunComparison
    from slugline.tracking import RunDetail, RunSummary

ID = 8
"""Characters of a run's id that are shown; any beginning that no other run has will find it."""

app = typer.Typer(no_args_is_help=True)

COUNTS = ("corpus/", "model/")
"""What the names of whole numbers begin with."""
HEADS = ("tags/", "event_type/")
"""What the names of held-out metrics begin with; other numbers of a run are counts and seconds."""

REPORT = "report.html"
"""The HTML report among a run's files."""

RUN_HELP = "The beginning of a run's id, or a run's name: the latest of that name."


@app.command("list")
def list_(
    form: options.Form = options.Format.table,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Show at most the latest N runs.")] = 20,
) -> None:
    """List the latest runs, newest first."""
    from slugline import tracking

    runs = tracking.list_runs(limit)
    if form is options.Format.json:
        console.out_json([run.to_dict() for run in runs])
    elif runs:
        console.out(_list(runs))
    else:
        console.err("slugline: no runs here yet; `slugline train` makes one")


@app.command()
def show(
    run: Annotated[str, typer.Argument(help=RUN_HELP)],
    form: options.Form = options.Format.table,
) -> None:
    """Show everything that was stored with a run."""
    from slugline import tracking

    found = tracking.get_run(run)
    if form is options.Format.json:
        console.out_json(found.to_dict())
    else:
        console.out(_show(found))


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=RUN_HELP)],
    b: Annotated[str, typer.Argument(metavar="B", help="The run that is compared with it.")],
    form: options.Form = options.Format.table,
) -> None:
    """Compare two runs: metrics side by side, which differences are beyond chance, and how they were configured."""
    from slugline.experiment.compare import compare_runs

    compared = compare_runs(a, b)
    if form is options.Format.json:
        console.out_json(compared.to_dict())
    else:
        console.out(_compare(compared))


def _list(runs: list[RunSummary]) -> str:
    rows = []
    for run in runs:
        took = "-" if run.seconds is None else f"{run.seconds:,.0f} s"
        rows.append(
            (
                run.id[:ID],
                console.short(run.name, 18),
                f"{run.started.astimezone():%Y-%m-%d %H:%M}",
                took if run.status == "FINISHED" else run.status.lower(),
                _scores(run, "tags/micro_f1", "tags/macro_f1"),
                _scores(run, "event_type/accuracy", "event_type/macro_f1"),
            )
        )
    header = ("run", "name", "started", "took", "tags", "event type")
    note = "tags: micro-F1/macro-F1, event type: accuracy/macro-F1, of the held-out articles"
    return console.table(header, rows, right=(3,)) + "\n" + console.dim(note)


def _scores(run: RunSummary, *names: str) -> str:
    if not any(name in run.metrics for name in names):
        return "-"
    return "/".join(f"{run.metrics[name]:.3f}" if name in run.metrics else "-" for name in names)


def _show(run: RunDetail) -> str:
    from slugline.evaluate.results import unflatten

    took = "" if run.seconds is None else f", {run.seconds:,.1f} s"
    head = [
        console.bold(console.printable(f"run {run.id}  {run.name}")),
        f"{run.status.lower()}; started {run.started.astimezone():%Y-%m-%d %H:%M:%S}{took}",
    ]
    rows = [(name, *_metric(name, metric)) for name, metric in unflatten(run.metrics).items()]
    blocks = ["\n".join(head)]
    if rows:
        blocks.append(console.table(("metric", "value", "interval"), rows, right=(1,)))
    for title, values in (("configuration", run.params), ("tag", run.tags)):
        if values:
            blocks.append(_two_columns(title, "value", values))
    if run.files:
        sizes = {name: f"{size:,} bytes" for name, size in run.files.items()}
        note = f"in {run.files_uri}"
        if REPORT in run.files:
            note += f"\n{REPORT} is to be read in a browser"
        blocks.append(_two_columns("file", "size", sizes) + "\n" + console.dim(note))
    return "\n\n".join(blocks)


def _compare(compared: RunComparison) -> str:
    from slugline.cli.paired_tables import paired_blocks

    runs = [
        f"{run.id[:ID]}  {console.short(run.name, 40)}, {run.started.astimezone():%Y-%m-%d %H:%M}"
        for run in (compared.a, compared.b)
    ]
    blocks = [console.printable(f"A  {runs[0]}") + "\n" + console.printable(f"B  {runs[1]}")]
    for title, heads in (("metric", True), ("counts and seconds", False)):
        rows = []
        for pair in compared.sides.metrics:
            if pair.name.startswith(HEADS) == heads:
                sign = "+" if (pair.difference or 0) > 0 else ""
                change = "" if pair.difference is None else sign + _number(pair.name, pair.difference)
                rows.append(
                    (console.short(pair.name, 28), *_metric(pair.name, pair.a), *_metric(pair.name, pair.b), change)
                )
        if rows:
            blocks.append(console.table((title, "A", "interval", "B", "interval", "B - A"), rows, right=(1, 3, 5)))
    if not compared.same_articles:
        blocks.append("Scored on different articles: the metrics above do not compare the two models.")
    blocks += paired_blocks(compared)
    if values := compared.sides.values:
        settings = [
            (console.short(name, 26), console.short(left or "-", 25), console.short(right or "-", 25))
            for name, (left, right) in values.items()
        ]
        blocks.append(console.table(("differs in", "A", "B"), settings))
    return "\n\n".join(blocks)


def _metric(name: str, metric: Metric | None) -> tuple[str, str]:
    """Value and interval as shown."""
    if metric is None or metric.value is None:
        return "-", ""
    if metric.low is None or metric.high is None:
        return _number(name, metric.value), ""
    return _number(name, metric.value), f"{_number(name, metric.low)}-{_number(name, metric.high)}"


def _number(name: str, value: float) -> str:
    return f"{value:,.0f}" if name.startswith(COUNTS) else f"{value:,.3f}"


def _two_columns(left: str, right: str, values: dict[str, str]) -> str:
    width = max(len(left), *(len(name) for name in values))
    rows = [(name, console.short(value, max(20, console.WIDTH - width - 2))) for name, value in sorted(values.items())]
    return console.table((left, right), rows)
