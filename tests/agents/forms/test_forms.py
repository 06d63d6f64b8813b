"""Forms from the first word to the signature, over a shop's lakehouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from agents.forms.forms import Forms
from agents.forms.hints import FieldHint, Hints, read_hints
from agents.forms.state import Filled, Filling, Step
from data.errors import Invalid, NotFound
from data.gateway import Gateway
from data.policy import Principal
from tests.agents.forms.conftest import AS_OF, SCHEMA

HINTS = Hints(subject="shop.stores")
Opener = Callable[..., Forms]


@pytest.fixture
def owner(gateway: Gateway) -> Principal:
    return gateway.policy.principal("owner")


@pytest.fixture
def forms(open_forms: Opener) -> Forms:
    opened = open_forms()
    opened.registry.add("card", SCHEMA, HINTS, "owner")
    return opened


def no_model(texts: Sequence[str]) -> np.ndarray:
    raise AssertionError("A learned form needs no model.")


def values(filling: Filling) -> dict[str, Any]:
    return {one.path: one.value for one in filling.values if one.status == "filled"}


def statuses(filling: Filling) -> dict[str, str]:
    return {one.path: one.status for one in filling.values if one.status != "filled"}


def test_a_form_is_filled_with_a_source_for_every_value(forms: Forms, owner: Principal) -> None:
    filling = forms.fill(owner, "card", "store Blue Bottle 1", as_of=AS_OF)
    assert filling.status == "review"
    assert values(filling) == {
        "store/name": "Blue Bottle 1",
        "store/email": "s1@example.com",
        "store/phone": "+15035550001",
        "store/opened": "2024-01-02",
        "owner/name": "Ada B. Lovelace",
        "owner/born": "1980-01-02",
        "sold": 82.0,
        "sales": 13,
    }
    assert statuses(filling) == {"store/website": "ask", "employees": "ask"}
    assert filling.complete
    assert filling.unfilled == ("store/website", "employees")
    sources = {one.path: one.source for one in filling.values if one.source}
    assert sources["owner/name"].table == "shop.people"
    assert sources["owner/name"].key == 1
    assert sources["owner/name"].version
    assert "count(*)" in sources["sales"].query
    assert all(source.audit_id for source in sources.values())


def test_a_measure_s_query_gives_the_value(forms: Forms, owner: Principal, gateway: Gateway) -> None:
    filling = forms.fill(owner, "card", "3", as_of=AS_OF)
    for one in filling.values:
        if one.source is not None and one.source.way == "measure":
            again = gateway.query(owner, one.source.query).table.to_pylist()
            assert again[0]["v0"] == pytest.approx(one.value)


def test_steps_and_fields_come_as_they_are_done(forms: Forms, owner: Principal) -> None:
    events = list(forms.stream(owner, "card", "1"))
    assert [event.name for event in events if isinstance(event, Step)] == [
        "understand", "resolve", "plan", "fetch", "check",
    ]  # fmt: skip
    assert sum(isinstance(event, Filled) for event in events) == 10
    assert isinstance(events[-1], Filling)


def test_several_subjects_are_to_be_chosen_from(forms: Forms, owner: Principal) -> None:
    filling = forms.fill(owner, "card", "blue bottle")
    assert filling.status == "clarify"
    assert filling.choices[1].label == "Blue Bottle 3"
    assert filling.choices[1].detail.startswith("Oslo")
    with pytest.raises(Invalid, match="no choice 99"):
        forms.choose(owner, filling.filling_id, 99)
    chosen = forms.choose(owner, filling.filling_id, 2)
    assert values(chosen)["store/name"] == "Blue Bottle 3"


@pytest.mark.parametrize("words", ["³", "--5", "9" * 5000, "store:²"])
def test_what_only_looks_like_a_number_is_no_key(forms: Forms, owner: Principal, words: str) -> None:
    forms.registry.add("numbered", SCHEMA, read_hints("subject: shop.people", "hints"), "owner")
    with pytest.raises((NotFound, Invalid)):
        forms.fill(owner, "numbered", words)
    *_, last = forms.batch(owner, "numbered", [words, "1"], key=words[:20])
    assert [subject for subject, _ in last.failed] == [words]


def test_who_may_not_see_a_column_is_told_so_and_nothing_else(forms: Forms, gateway: Gateway) -> None:
    clerk = gateway.policy.principal("clerk")
    filling = forms.fill(clerk, "card", "store 1", as_of=AS_OF)
    found = statuses(filling)
    assert found["store/email"] == "hidden"
    assert found["store/phone"] == "hidden", "a masked value is no answer"
    assert found["owner/name"] == "ask", "that there is such a table is not for the clerk to know"
    assert not filling.complete
    assert filling.unfilled[0] == "store/email"
    told = str(filling.as_json())
    assert "s1@example.com" not in told
    assert "people" not in told
    assert "0001" not in told
    with pytest.raises(Invalid, match="'store/email'"):
        forms.sign(clerk, filling.filling_id)


def test_what_was_learned_does_not_show_others_more(forms: Forms, owner: Principal, gateway: Gateway) -> None:
    forms.sign(owner, forms.fill(owner, "card", "1").filling_id)
    filling = forms.fill(gateway.policy.principal("clerk"), "card", "1")
    assert statuses(filling)["store/email"] == "hidden"
    assert statuses(filling)["owner/name"] == "ask"


def test_a_filling_goes_on_after_a_restart(open_forms: Opener, forms: Forms, owner: Principal) -> None:
    begun = forms.fill(owner, "card", "1", key="mine")
    forms.close()
    later = open_forms()
    assert later.get(owner, begun.filling_id) == begun
    assert later.fill(owner, "card", "1", key="mine") == begun
    answered = later.answer(owner, begun.filling_id, {"employees": "12", "store/website": "https://a.example"})
    assert values(answered)["employees"] == 12
    later.close()
    signed = open_forms().sign(owner, begun.filling_id)
    assert signed.status == "signed"
    assert signed.signer == "owner"
    assert signed.unfilled == ()


def test_one_that_was_broken_off_before_its_first_step_goes_on(
    open_forms: Opener, forms: Forms, owner: Principal
) -> None:
    stream = forms.stream(owner, "card", "1", key="cut")
    next(stream)
    stream.close()
    forms.close()
    filling = open_forms().fill(owner, "card", "1", key="cut")
    assert filling.status == "review"
    assert values(filling)["store/name"] == "Blue Bottle 1"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"store/email": "nobody"}, "nobody"),
        ({"sales": "many"}, "many"),
        ({"store/fax": "1"}, "store/fax"),
        ({"sales": 3, "employees": True}, "True"),
    ],
)
def test_a_wrong_answer_changes_nothing(forms: Forms, owner: Principal, answers: dict[str, Any], says: str) -> None:
    begun = forms.fill(owner, "card", "1")
    with pytest.raises((Invalid, NotFound), match=says):
        forms.answer(owner, begun.filling_id, answers)
    assert forms.get(owner, begun.filling_id) == begun


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"channels": ["zz"]}, r"\['zz'\].*shop.*web"),
        ({"channels": ["shop", "shop"]}, "unique"),
        ({"staff": -1}, "minimum of 0"),
    ],
)
def test_an_answer_that_the_schema_refuses_is_not_passed_over(
    forms: Forms, owner: Principal, answers: dict[str, Any], says: str
) -> None:
    channels = {"type": "array", "items": {"enum": ["shop", "web"]}, "uniqueItems": True}
    staff = {"type": "integer", "minimum": 0}
    forms.registry.add("trade", {"properties": {"channels": channels, "staff": staff}}, HINTS, "owner")
    begun = forms.fill(owner, "trade", "1")
    with pytest.raises(Invalid, match=says):
        forms.answer(owner, begun.filling_id, {"staff": 3, "channels": ["web"]} | answers)
    assert forms.get(owner, begun.filling_id) == begun
    assert values(forms.answer(owner, begun.filling_id, {"channels": ["web"]})) == {"channels": ["web"]}


def test_nobody_finds_the_fillings_of_others(forms: Forms, owner: Principal, gateway: Gateway) -> None:
    begun = forms.fill(owner, "card", "1")
    with pytest.raises(NotFound):
        forms.get(gateway.policy.principal("clerk"), begun.filling_id)
    assert forms.recent(gateway.policy.principal("clerk")) == ()
    assert [one.filling_id for one in forms.recent(owner)] == [begun.filling_id]


def test_a_signature_writes_back_once(forms: Forms, owner: Principal) -> None:
    begun = forms.fill(owner, "card", "1", answers={"employees": 4}, as_of=AS_OF)
    first = forms.sign(owner, begun.filling_id)
    assert forms.sign(owner, begun.filling_id) == first
    rows = {row["path"]: row for row in forms.fillings.rows().to_pylist()}
    assert len(rows) == forms.fillings.rows().num_rows == 9
    assert rows["employees"]["way"] == "person"
    assert rows["employees"]["changed_by"] == "owner"
    assert rows["sold"]["value"] == "82.0"
    assert {row["digest"] for row in rows.values()} == {first.digest}
    with pytest.raises(Invalid, match="signed"):
        forms.answer(owner, begun.filling_id, {"employees": 5})


def test_a_learned_form_is_filled_without_a_model(open_forms: Opener, forms: Forms, owner: Principal) -> None:
    first = forms.sign(owner, forms.fill(owner, "card", "1", as_of=AS_OF).filling_id)
    learned = open_forms(no_model)
    second = learned.fill(owner, "card", "1", as_of=AS_OF)
    assert values(second) == values(first)
    assert {one.confidence for one in second.values if one.status == "filled"} == {1.0}


def test_what_a_person_corrects_is_not_remembered(forms: Forms, owner: Principal) -> None:
    begun = forms.fill(owner, "card", "1")
    forms.answer(owner, begun.filling_id, {"sales": 99})
    forms.sign(owner, begun.filling_id)
    form = forms.registry.get("card")
    remembered = forms.registry.remembered(form, "shop.stores", forms.desk(owner).sight.stamp)
    assert "sales" not in remembered
    assert remembered["store/name"].column == "name"
    [correction] = forms.registry.corrections("card")
    assert correction.path == "sales"
    assert correction.chosen is None


def test_a_candidate_that_is_chosen_is_remembered(open_forms: Opener, owner: Principal) -> None:
    opened = open_forms()
    schema = {
        "type": "object",
        "properties": {"who": {"type": "string", "title": "Owner's formal name"}},
    }
    opened.registry.add("vague", schema, HINTS, "owner")
    begun = opened.fill(owner, "vague", "1")
    [value] = begun.values
    assert value.status == "uncertain"
    number = next(one.number for one in value.candidates if one.said == "shop.people.name")
    answered = opened.answer(owner, begun.filling_id, {"who": {"use": number}})
    assert values(answered) == {"who": "Ada B. Lovelace"}
    opened.sign(owner, begun.filling_id)
    assert values(opened.fill(owner, "vague", "3")) == {"who": "Ada D. Lovelace"}


def test_hints_say_where_values_come_from(open_forms: Opener, owner: Principal) -> None:
    opened = open_forms()
    names = ("a", "b", "c", "d", "e", "f")
    schema = {"type": "object", "properties": {name: {"type": ["string", "number"]} for name in names}}
    schema["properties"] |= {"n": {"type": "integer", "title": "Number of sales"}}  # type: ignore[operator]
    hints = {
        "a": FieldHint(column="shop.people.name"), "b": FieldHint(constant="X"), "c": FieldHint(join=("a", "b")),
        "d": FieldHint(person=True), "e": FieldHint(feature="view.none"), "f": FieldHint(words="City"),
    }  # fmt: skip
    opened.registry.add("hinted", schema, Hints(subject="shop.stores", fields=hints), "owner")
    filling = opened.fill(owner, "hinted", "1")
    assert values(filling) == {"a": "Ada B. Lovelace", "b": "X", "c": "Ada B. Lovelace X", "f": "Oslo", "n": 13}
    assert statuses(filling) == {"d": "ask", "e": "ask"}


def test_a_form_that_is_changed_is_a_new_version(forms: Forms) -> None:
    assert forms.registry.add("card", SCHEMA, HINTS, "owner").version == 1
    assert forms.registry.add("card", {**SCHEMA, "title": "Other"}, HINTS, "owner").version == 2
    assert [form.title for form in forms.registry.list()] == ["Other"]
    assert forms.registry.get("card", 1).title == "Store card"
    forms.registry.remove("card")
    with pytest.raises(NotFound, match="'card'"):
        forms.registry.get("card")
    with pytest.raises(Invalid, match="no name"):
        forms.registry.add("A form", SCHEMA, HINTS, "owner")


def test_a_batch_goes_on_where_it_was_broken_off(
    open_forms: Opener, forms: Forms, owner: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.forms.batch.CHUNK", 10)
    subjects = [str(at) for at in range(1, 41)] + ["nobody"]
    run = forms.batch(owner, "card", subjects, key="all", sign=True, as_of=AS_OF)
    assert next(run).signed == 10
    run.close()
    forms.close()
    *_, last = open_forms().batch(owner, "card", subjects, key="all", sign=True, as_of=AS_OF)
    assert (last.done, last.signed, last.skipped) == (41, 30, 10)
    assert [subject for subject, _ in last.failed] == ["nobody"]
    rows = forms.fillings.rows()
    assert len(set(rows.column("filling_id").to_pylist())) == 40
    pairs = list(zip(rows.column("subject_key").to_pylist(), rows.column("path").to_pylist(), strict=True))
    assert len(pairs) == len(set(pairs))


def test_a_batch_gives_what_one_by_one_gives_and_can_be_reviewed(forms: Forms, owner: Principal) -> None:
    *_, last = forms.batch(owner, "card", ["1", "2"], key="two", as_of=AS_OF)
    first = forms.get(owner, last.filling_ids[0])
    assert values(first) == values(forms.fill(owner, "card", "1", as_of=AS_OF))
    assert statuses(forms.get(owner, last.filling_ids[1]))["owner/name"] == "ask"
    answered = forms.answer(owner, first.filling_id, {"employees": 3})
    assert values(answered)["employees"] == 3
    assert forms.sign(owner, first.filling_id).status == "signed"


def test_a_removed_form_takes_its_fillings_from_the_list(forms: Forms, owner: Principal) -> None:
    forms.registry.add("other", SCHEMA, HINTS, "owner")
    kept, gone = (forms.fill(owner, form, "store Blue Bottle 1", as_of=AS_OF) for form in ("card", "other"))
    forms.registry.remove("other")
    assert [one.filling_id for one in forms.recent(owner)] == [kept.filling_id]
    with pytest.raises(NotFound, match="other"):
        forms.get(owner, gone.filling_id)


def test_a_rule_between_fields_keeps_a_form_from_being_complete(open_forms: Opener, owner: Principal) -> None:
    hints = read_hints("subject: shop.stores\nrules:\n  - {ordered: [store/opened, owner/born], says: Too young.}", "h")
    forms = open_forms()
    forms.registry.add("ruled", SCHEMA, hints, "owner")
    filling = forms.fill(owner, "ruled", "1", as_of=AS_OF)
    assert (filling.complete, filling.problems) == (False, ("Too young.",))
    with pytest.raises(Invalid, match="Too young"):
        forms.sign(owner, filling.filling_id)
    assert forms.answer(owner, filling.filling_id, {"owner/born": "2025-01-01"}).complete


def test_a_rule_about_a_field_that_there_is_not_is_refused(open_forms: Opener) -> None:
    hints = read_hints("rules:\n  - {equal: [store/name, stor/email]}", "h")
    with pytest.raises(Invalid, match="stor/email"):
        open_forms().registry.add("ruled", SCHEMA, hints, "owner")


def test_fillings_is_no_name_for_a_form(open_forms: Opener) -> None:
    with pytest.raises(Invalid, match="fillings"):
        open_forms().registry.add("fillings", SCHEMA, HINTS, "owner")
