"""Which of several queries does what a question asks: the forms of answers, and what the words were found to mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents import statement
from agents.ask.rerank import fit
from agents.ask.rerank.candidate import Weighed
from agents.ask.rerank.cues import Sorting, cues, direction, sorting
from agents.ask.rerank.features import features
from agents.ask.rerank.linear import Linear
from agents.ask.rerank.shape import Shape
from agents.ask.rerank.units import converts
from agents.ask.sketch.brief import EVERYONE
from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from retrieval import Context
from retrieval.hints import Hint


def catalog() -> Catalog:
    boats = Table(
        "harbour", "boat", columns=(
            Column("boat_id", "BIGINT"), Column("name", "VARCHAR"), Column("owner_id", "BIGINT"),
            Column("weight", "DOUBLE", unit="kg"), Column("length", "DOUBLE", unit="m"), Column("built_on", "DATE"),
            Column("sold_on", "DATE"), Column("moored", "BOOLEAN"),
            Column("price", "DOUBLE"), Column("price_tax", "DOUBLE"),
        ), key="boat_id", label="name",
    )  # fmt: skip
    owners = Table(
        "harbour", "owner", columns=(
            Column("owner_id", "BIGINT"), Column("full_name", "VARCHAR"), Column("mentor_id", "BIGINT"),
        ), key="owner_id", label="full_name",
    )  # fmt: skip
    links = (
        Relationship("harbour.boat", "owner_id", "harbour.owner", "owner_id"),
        Relationship("harbour.owner", "mentor_id", "harbour.owner", "owner_id"),
    )
    return Catalog((SourceConfig("harbour", "sqlite", "harbour.db", tables=(boats, owners)),), links)


BOATS, OWNERS = Hint("boats", "table", ("harbour.boat",)), Hint("owners", "table", ("harbour.owner",))
GULL = Hint("Gull", "value", ("harbour.boat.name",), ("Gull",))
WEIGHT = Hint("heavy", "column", ("harbour.boat.weight",))
JOIN = "FROM harbour.boat JOIN harbour.owner ON boat.owner_id = owner.owner_id SELECT owner.full_name"


def shape(sql: str) -> Shape:
    return Shape(statement.query(sql), catalog())


def best(question: str, hints: tuple[Hint, ...], *queries: str) -> str:
    """The one of most worth, of queries that the model finds equally probable."""
    context = Context(question, catalog(), hints)
    weighed = {sql: Weighed.of(sql, context, -1.0) for sql in queries}
    return max(queries, key=lambda sql: found.worth if (found := weighed[sql]) else -99.0)


@pytest.mark.parametrize(
    ("question", "wanted", "not_wanted"),
    [
        ("How many boats are there?", {"count"}, {"sum", "extreme", "groups"}),
        ("Which boats weigh over two tonnes?", {"things"}, {"count", "average"}),
        ("Average weight per owner", {"average", "groups", "each"}, {"count"}),
        ("owners who never bought anything", {"negation"}, {"count", "extreme"}),
        ("boats that aren't sold", {"negation"}, {"extreme"}),
        ("the heaviest boat", {"extreme"}, {"share"}),
        ("boats in the west forest", set(), {"extreme"}),
        ("boats heavier than the average", {"beyond"}, {"counted"}),
        ("what percentage is moored?", {"share"}, {"count"}),
        ("owners with at least two boats", {"counted"}, {"sum"}),
        ("the heaviest boat with its weight", {"told", "extreme"}, {"sum"}),
        ("who owns the most boats, and how many?", {"told", "extreme"}, set()),
        ("the owner with the most boats", {"extreme"}, {"told"}),
        ("boats per owner, biggest fleet first", {"groups"}, {"extreme"}),
    ],
)
def test_the_words_of_a_question_ask_for_a_form(question: str, wanted: set[str], not_wanted: set[str]) -> None:
    found = cues(question)
    assert wanted <= found
    assert not found & not_wanted


@pytest.mark.parametrize(
    ("sql", "does", "not_done"),
    [
        ("FROM harbour.boat SELECT count(*)", {"count"}, {"things", "groups", "negation"}),
        ("FROM harbour.boat SELECT name WHERE sold_on IS NULL", {"things", "negation"}, {"present", "count"}),
        ("FROM harbour.boat SELECT name WHERE sold_on IS NOT NULL", {"present"}, {"negation"}),
        (
            "FROM harbour.owner SELECT full_name WHERE owner_id IN (FROM harbour.boat SELECT owner_id)",
            {"things", "member"},
            {"negation", "present"},
        ),
        (
            "FROM harbour.owner SELECT full_name WHERE owner_id NOT IN "
            "(FROM harbour.boat SELECT owner_id WHERE owner_id IS NOT NULL)",
            {"negation"},
            {"present"},
        ),
        ("FROM harbour.boat SELECT name ORDER BY weight DESC LIMIT 1", {"extreme"}, {"groups"}),
        ("FROM harbour.boat SELECT name, weight ORDER BY weight DESC LIMIT 1", {"extreme", "told"}, {"groups"}),
        ("FROM harbour.boat SELECT name, length ORDER BY weight DESC LIMIT 1", {"extreme"}, {"told"}),
        ("FROM harbour.boat SELECT moored, count(*) GROUP BY ALL HAVING count(*) > 2", {"groups", "told"}, {"extreme"}),
        ("FROM harbour.boat SELECT moored, count(*) GROUP BY ALL", {"groups", "count"}, {"extreme", "told"}),
        (
            "FROM harbour.boat SELECT name WHERE weight > (FROM harbour.boat SELECT avg(weight))",
            {"beyond"},
            {"average"},
        ),
        ("FROM harbour.boat SELECT 100.0 * count(*) FILTER (WHERE moored = true) / count(*)", {"share"}, {"each"}),
        ("FROM harbour.boat SELECT sum(weight) / 1000.0", {"sum", "converted"}, {"share", "each"}),
        ("FROM harbour.boat SELECT count(*) / count(DISTINCT owner_id)", {"each", "distinct"}, {"share"}),
        ("FROM harbour.boat SELECT name WHERE sold_on > built_on", {"compared"}, {"beyond"}),
    ],
)
def test_the_form_of_a_query_is_read_from_its_tree(sql: str, does: set[str], not_done: set[str]) -> None:
    found = shape(sql).does
    assert does <= found
    assert not found & not_done


def test_columns_are_known_by_where_they_stand() -> None:
    found = shape(f"{JOIN}, sum(boat.weight) WHERE boat.moored = true GROUP BY owner.owner_id, owner.full_name")
    assert found.base == "harbour.boat"
    assert found.columns["shown"] == {"harbour.owner.full_name"}
    assert found.columns["computed"] == {"harbour.boat.weight"}
    assert found.columns["where"] == {"harbour.boat.moored"}
    assert found.joined == {"harbour.boat.owner_id", "harbour.owner.owner_id"}
    inner = shape("FROM harbour.owner SELECT full_name WHERE owner_id IN (FROM harbour.boat SELECT owner_id)")
    assert inner.columns["shown"] == {"harbour.owner.full_name"}


@pytest.mark.parametrize(
    ("question", "of_time", "greatest"),
    [
        ("the heaviest boat", False, True),
        ("the cheapest one", False, False),
        ("the oldest boat", True, False),
        ("the oldest owner", False, True),
        ("the newest boat", True, True),
        ("boats", True, None),
    ],
)
def test_a_ranking_has_two_ends(question: str, of_time: bool, greatest: bool | None) -> None:
    assert direction(question, of_time=of_time) is greatest


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("boats built in 2024, newest first", Sorting(of_time=True, descending=True)),
        ("boats per owner, smallest fleet first.", Sorting(of_time=False, descending=False)),
        ("most recently sold boats first please", Sorting(of_time=True, descending=True)),
        ("What is the cheapest first class ticket?", None),
        ("When did the oldest member first join?", None),
    ],
)
def test_an_order_is_no_ranking(question: str, order: Sorting | None) -> None:
    assert sorting(question) == order
    assert ("extreme" in cues(question)) is (order is None)


@pytest.mark.parametrize(
    "question", ["everyone who signed up", "did anybody with a boat pay", "names of everybody in Leeds"]
)
def test_people_are_asked_for(question: str) -> None:
    assert EVERYONE.search(question)


@pytest.mark.parametrize(
    "question", ["boats not assigned to anyone in Leeds", "not bought by anyone with a card", "everyone"]
)
def test_people_are_not_asked_for(question: str) -> None:
    assert not EVERYONE.search(question)


@pytest.mark.parametrize(
    ("question", "sql", "found"),
    [
        ("total weight in tonnes", "FROM harbour.boat SELECT sum(weight) / 1000.0", "right"),
        ("total weight in tonnes", "FROM harbour.boat SELECT sum(weight)", "missing"),
        ("total weight", "FROM harbour.boat SELECT sum(weight) / 1000.0", "extra"),
        ("total weight", "FROM harbour.boat SELECT sum(weight)", ""),
        ("total weight in tonnes", "FROM harbour.boat SELECT count(*)", ""),
        ("total weight in kg", "FROM harbour.boat SELECT sum(weight) / 1000.0", "extra"),
        ("total number in tonnes", "FROM harbour.boat SELECT sum(owner_id) / 1000.0", ""),
    ],
)
def test_numbers_are_converted_as_asked(question: str, sql: str, found: str) -> None:
    assert converts(shape(sql), question) == found


COUNT = "FROM harbour.boat SELECT count(*)"
NAMES = "FROM harbour.boat SELECT name"
MEAN = "FROM harbour.boat SELECT avg(weight)"
YEAR = Hint("in 2024", "time", literals=("2024-01-01", "2025-01-01"))
TAX = Hint("price tax", "column", ("harbour.boat.price_tax",))


@pytest.mark.parametrize(
    ("question", "hints", "right", "wrong"),
    [
        ("boats heavier than 20", (BOATS, WEIGHT), f"{NAMES} WHERE weight > 20", f"{COUNT} WHERE weight > 20"),
        ("boats not sold yet", (BOATS,), f"{NAMES} WHERE sold_on IS NULL", f"{NAMES} WHERE sold_on IS NOT NULL"),
        ("average weight", (WEIGHT,), "FROM harbour.boat SELECT avg(weight)", "FROM harbour.boat SELECT avg(length)"),
        (
            "who owns the boats?",
            (BOATS,),
            JOIN,
            "FROM harbour.owner JOIN harbour.owner AS mentor ON owner.mentor_id = mentor.owner_id "
            "SELECT mentor.full_name",
        ),
        ("total weight in tonnes", (WEIGHT,), "FROM harbour.boat SELECT sum(weight) / 1000.0",
         "FROM harbour.boat SELECT sum(weight)"),
        ("the heaviest boat", (BOATS, WEIGHT), f"{NAMES} ORDER BY weight DESC LIMIT 1",
         f"{NAMES} ORDER BY weight LIMIT 1"),
    ],
)  # fmt: skip
def test_the_query_that_does_what_is_asked_is_preferred(
    question: str, hints: tuple[Hint, ...], right: str, wrong: str
) -> None:
    assert best(question, hints, wrong, right) == right


def test_a_query_with_nothing_against_it_has_no_faults() -> None:
    context = Context("How many boats are there?", catalog(), (BOATS,))
    found = Weighed.of(COUNT, context, -0.1)
    assert found is not None
    assert found.faults <= 0
    assert found.gave(nothing=True).faults > found.faults
    assert Weighed.of("FROM (", context, -0.1) is None
    for odd in (
        "FROM (FROM harbour.boat SELECT name AS n) AS b SELECT b.n WHERE b.n = 'x'",
        "FROM harbour.ship SELECT keel WHERE ship.keel > 2",
        "FROM harbour.boat SELECT mast, boat.mast, other.mast ORDER BY 1",
        "SELECT 1 UNION ALL SELECT 2",
    ):
        assert Weighed.of(odd, context, -0.1) is not None


def test_signs_that_tell_something_else_beside_a_larger_model_have_weights_of_their_own() -> None:
    context, weights = Context("How many boats are there?", catalog(), (BOATS,)), Linear.shipped("preference").weights
    for logprob, sign, value in ((-2.0, "logprob", -2.0), (None, "sketched", 1.0)):
        small, larger = (Weighed.of(COUNT, context, logprob, larger=larger) for larger in (False, True))
        assert small is not None
        assert larger is not None
        assert dict(larger.evidence.items() - small.evidence.items()) == {f"larger_{sign}": value}
        assert larger.worth - small.worth == pytest.approx(weights[f"larger_{sign}"] * value)


def test_what_comes_first_is_told_with_its_number_where_that_is_asked_for() -> None:
    alone, both = (
        shape(f"FROM harbour.boat SELECT {shown} ORDER BY weight DESC LIMIT 1") for shown in ("name", "name, weight")
    )
    asked = Context("the heaviest boat, and how heavy", catalog(), (BOATS, WEIGHT))
    assert "undone_told" in features(alone, asked)
    assert not {"undone_told", "unasked_told"} & features(both, asked).keys()
    plain = Context("the heaviest boat", catalog(), (BOATS, WEIGHT))
    assert "unasked_told" in features(both, plain)


def test_what_is_linked_and_not_used_counts() -> None:
    context = Context("weight of the boats by owner", catalog(), (WEIGHT, BOATS, OWNERS))
    found = features(shape(COUNT), context)
    assert (found["lost_table"], found["lost_column"]) == (1, 1)
    assert "lost_table" not in features(shape(JOIN), context)


@pytest.mark.parametrize(
    ("question", "hints", "odd", "plain", "fault"),
    [
        ("boats by owner", (BOATS, OWNERS), f"{JOIN}", NAMES, "shows_other"),
        ("who has the boats", (BOATS,), "FROM harbour.boat SELECT weight", JOIN, "who_unnamed"),
        ("boats per owner", (BOATS, OWNERS), "FROM harbour.boat SELECT moored, count(*) GROUP BY ALL",
         f"{JOIN}, count(*) GROUP BY ALL", "group_lost"),
        ("boats per owner", (BOATS, OWNERS), JOIN.replace("full_name", "mentor_id, count(*) GROUP BY ALL"),
         f"{JOIN}, count(*) GROUP BY ALL", "group_part"),
        ("the biggest boat", (BOATS,), f"{NAMES} ORDER BY boat_id DESC LIMIT 1",
         f"{NAMES} ORDER BY weight DESC LIMIT 1", "orders_idle"),
        ("the biggest boat", (BOATS,), f"{NAMES} ORDER BY built_on DESC LIMIT 1",
         f"{NAMES} ORDER BY weight DESC LIMIT 1", "orders_time"),
        ("share of moored boats", (BOATS,),
         "FROM harbour.boat SELECT 100.0 * count(*) FILTER (WHERE moored = true) / count(*) WHERE moored = true",
         "FROM harbour.boat SELECT 100.0 * count(*) FILTER (WHERE moored = true) / count(*)", "idle_share"),
        ("boats called Gull", (BOATS, GULL), f"{NAMES} WHERE name <> 'Gull'",
         f"{NAMES} WHERE name = 'Gull'", "denied"),
        ("boats except Gull", (BOATS, GULL), f"{NAMES} WHERE name = 'Gull'",
         f"{NAMES} WHERE name <> 'Gull'", "affirmed"),
        ("How many boats have an owner?", (BOATS, OWNERS), "FROM harbour.owner SELECT count(*)", COUNT, "counts_other"),
        ("How many kilos have the boats?", (replace(WEIGHT, span="kilos"), BOATS), COUNT,
         "FROM harbour.boat SELECT sum(weight)", "lost_counted"),
        ("Which boats are new?", (BOATS,), "FROM harbour.boat SELECT built_on", NAMES, "shows_unnamed"),
        ("boats built per month", (BOATS,), "FROM harbour.boat SELECT year(built_on), count(*) GROUP BY ALL",
         "FROM harbour.boat SELECT date_trunc('month', built_on), count(*) GROUP BY ALL", "other_period"),
        ("Who has most boats?", (BOATS,), COUNT, JOIN, "who_unnamed"),
        ("Which unsold boat is newest?", (BOATS,), f"{NAMES} WHERE sold_on IS NULL ORDER BY sold_on LIMIT 1",
         f"{NAMES} WHERE sold_on IS NULL ORDER BY built_on DESC LIMIT 1", "tells_missing"),
        ("boats in alphabetical order", (BOATS,), NAMES, f"{NAMES} ORDER BY name", "unsorted"),
        ("boats, newest first", (BOATS,), f"{NAMES} ORDER BY built_on", f"{NAMES} ORDER BY built_on DESC", "unsorted"),
        ("boats from Gull to Tern", (BOATS, GULL, replace(GULL, span="Tern", literals=("Tern",))),
         f"{NAMES} WHERE name IN ('Gull', 'Tern')", f"{NAMES} WHERE name = 'Gull'", "either_way"),
        ("What do the boats cost?", (BOATS,), "FROM harbour.boat SELECT sum(price_tax)",
         "FROM harbour.boat SELECT sum(price)", "side_amount"),
        ("everyone with boats", (BOATS,), NAMES.replace("name", "weight"), JOIN, "who_unnamed"),
        ("boats built in 2024", (BOATS, YEAR), COUNT, f"{COUNT} WHERE built_on >= '2024-01-01'", "lost_time"),
        ("boats lighter than the average", (BOATS,), f"{NAMES} WHERE weight > ({MEAN})",
         f"{NAMES} WHERE weight < ({MEAN})", "wrong_end"),
        ("total boat price before price tax", (BOATS, TAX), "FROM harbour.boat SELECT sum(price_tax)",
         "FROM harbour.boat SELECT sum(price)", "side_amount"),
        ("How many boats are there?", (BOATS,), "FROM harbour.boat SELECT count(length)", COUNT, "counts_free"),
        ("How many boats are there?", (BOATS,), "FROM harbour.boat SELECT count(DISTINCT boat_id)",
         JOIN.replace("owner.full_name", "count(DISTINCT boat.boat_id)"), "unasked_distinct"),
    ],
)  # fmt: skip
def test_what_is_told_of_other_things_than_those_asked_for_counts(
    question: str, hints: tuple[Hint, ...], odd: str, plain: str, fault: str
) -> None:
    placed = tuple(replace(hint, start=max(0, question.find(hint.span.rstrip("s")))) for hint in hints)
    context = Context(question, catalog(), placed)
    assert features(shape(odd), context)[fault] == 1
    assert fault not in features(shape(plain), context)


OPEN = Hint("open", "value", ("harbour.boat.name",), ("Open",))
LEFT = "FROM harbour.owner LEFT JOIN harbour.boat ON boat.owner_id = owner.owner_id SELECT full_name, count(boat_id)"


@pytest.mark.parametrize(
    ("question", "hints", "sql", "form"),
    [
        ("How many boats are still open?", (BOATS, OPEN), f"{COUNT} WHERE name = 'Open'", "negation"),
        ("boats per owner, those with none too", (BOATS, OWNERS), f"{LEFT} GROUP BY ALL", "absent"),
        ("boats without weight", (BOATS,), f"{NAMES} WHERE weight = 0", "negation"),
        ("When was Gull sold last?", (GULL,), "FROM harbour.boat SELECT max(sold_on) WHERE name = 'Gull'", "when"),
        ("Who was the longest with us?", (BOATS,), f"{NAMES} ORDER BY built_on LIMIT 1", "duration"),
        ("owners whose average boat got longer", (OWNERS, BOATS),
         f"{JOIN} GROUP BY ALL HAVING avg(boat.length) FILTER (WHERE year(built_on) = 2024) > "
         "avg(boat.length) FILTER (WHERE year(built_on) = 2023)", "average"),
        ("boats with more than 20 length", (BOATS, Hint("more than 20", "number", (), ("20",), ">"),
         Hint("length", "column", ("harbour.boat.length",))), f"{NAMES} WHERE length > 20", "counted"),
    ],
)  # fmt: skip
def test_a_form_that_is_there_in_another_way_is_not_missed(
    question: str, hints: tuple[Hint, ...], sql: str, form: str
) -> None:
    context = Context(question, catalog(), tuple(replace(hint, start=question.find(hint.span)) for hint in hints))
    assert form in cues(question)
    assert f"undone_{form}" not in features(shape(sql), context)
    assert f"undone_{form}" in features(shape("FROM harbour.boat SELECT sum(length)"), replace(context, hints=()))


def test_a_name_that_is_joined_is_no_free_table() -> None:
    named = features(shape(JOIN), Context("boats by mentor", catalog(), (BOATS,)))
    assert (named.get("free_table"), named["free_name"]) == (None, 1)
    other = features(shape(JOIN.replace("full_name", "mentor_id")), Context("boats", catalog(), (BOATS,)))
    assert (other["free_table"], other.get("free_name")) == (1, None)


def test_each_weight_has_the_sign_that_its_name_says() -> None:
    weights = Linear.shipped("preference").weights
    assert weights["logprob"] > 0
    assert {name for name, weight in weights.items() if weight > 0} <= {
        "logprob", "agreed", "read", "spoken", "right_unit", "self_join_asked", "joins", "not_base",
        "left", "state_told", "valued", "year_of_months", "judged", "larger_agreed",
    }  # fmt: skip


def test_weights_that_are_to_stay_have_to_be_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["fit", "preference", "ballots.jsonl", "--only", "larger_"])
    with pytest.raises(SystemExit):
        fit.main()
    assert "name theirs with --from" in capsys.readouterr().err
