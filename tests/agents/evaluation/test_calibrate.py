"""The map from a model's probability to how often it is right, and from where it had better refuse."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from agents.endpoints.calibration import FILE, Calibration, logistic
from agents.evaluation.calibrate import Scored, fit
from data.errors import Invalid


def drawn(n: int, slope: float, intercept: float, *, answerable: bool = True) -> list[Scored]:
    """Answers that are right as often as a map says."""
    chance, marks = random.Random(5), []
    for _ in range(n):
        odds = chance.uniform(-3, 9)
        right = chance.random() < logistic(slope * odds + intercept)
        marks.append(Scored(math.log(logistic(odds)), right, answerable))
    return marks


def test_the_map_that_made_the_outcomes_is_found() -> None:
    found = fit(drawn(8_000, 0.5, -1.0))
    assert (found.slope, found.intercept) == pytest.approx((0.5, -1.0), abs=0.1)
    assert found.unsure_below == 0


def marked(*probabilities: float, right: bool = True, answerable: bool = True) -> list[Scored]:
    return [Scored(math.log(p), right, answerable) for p in probabilities]


def test_the_lowest_bar_that_keeps_both_shares_is_taken() -> None:
    can = marked(*(0.9 + i / 1000 for i in range(20)))
    cannot = marked(*(0.3 + i / 100 for i in range(20)), right=False, answerable=False)
    found = fit([*can, *cannot])
    assert found.confidence(math.log(0.3 + 17 / 100)) < found.unsure_below < found.confidence(math.log(0.3 + 19 / 100))


def test_where_both_can_not_be_kept_the_nearest_is_taken() -> None:
    """Refusing one answerable question of ten is free, and one more would keep out two more unanswerable ones."""
    can = marked(0.2, 0.5, *[0.95] * 8)
    cannot = marked(0.3, 0.3, 0.6, 0.6, right=False, answerable=False)
    found = fit([*can, *cannot])
    refused = [m for m in (*can, *cannot) if found.confidence(m.logprob or 0) < found.unsure_below]
    assert len(refused) == 6


def test_questions_that_were_refused_already_count_as_refused() -> None:
    can = [*marked(0.5, *[0.95] * 8), Scored(None, False)]
    cannot = marked(0.4, 0.55, right=False, answerable=False)
    found = fit([*can, *cannot])
    assert found.confidence(math.log(0.4)) < found.unsure_below


def test_all_right_is_sure_and_nothing_is_certain() -> None:
    found = fit(marked(*[0.9] * 20, 0.99))
    assert 0.9 < found.confidence(math.log(0.9)) < 1
    assert found.unsure_below == 0


def test_sureness_that_tells_nothing_is_not_turned_around() -> None:
    found = fit([*marked(0.99, 0.98, right=False), *marked(0.2, 0.3)])
    assert found.slope == 0
    assert found.confidence(-0.1) == found.confidence(-9) == pytest.approx(0.5)


def test_without_answers_there_is_nothing_to_measure() -> None:
    with pytest.raises(Invalid, match="nothing tells how sure"):
        fit([Scored(None, False)])


def test_a_calibration_lies_beside_its_adapter(tmp_path: Path) -> None:
    assert Calibration.beside(tmp_path) is None
    assert Calibration.beside(None) is None
    written = Calibration(slope=0.5, intercept=-1, unsure_below=0.3)
    written.write(tmp_path)
    assert Calibration.beside(tmp_path) == written
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"slope": 1, "intercept": 0}', "unsure_below: Field required"),
        ('{"slope": -1, "intercept": 0, "unsure_below": 0}', "slope: .*greater than or equal to 0"),
        ('{"slope": 1, "intercept": 0, "unsure_below": 0, "bias": 1}', "bias: Extra inputs"),
        ("[", "Invalid JSON"),
    ],
)
def test_a_wrong_calibration_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(Invalid, match=f"calibration .*{FILE}.*{complaint}"):
        Calibration.beside(tmp_path)


@pytest.mark.parametrize("logprob", [0.0, -1e-12, -1e-5, -0.7, -30.0, -800.0])
def test_confidence_is_a_probability_that_grows(logprob: float) -> None:
    found = Calibration(slope=0.7, intercept=0.2, unsure_below=0)
    assert 0 < found.confidence(logprob) < 1
    assert found.confidence(logprob) >= found.confidence(logprob - 0.5)
