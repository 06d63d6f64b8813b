"""Question files: JSON Lines of a question and what is right, one file or a folder of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from agents import statement
from data.errors import Invalid

if TYPE_CHECKING:
    from data.features.definition import FeatureView

SUFFIX = ".jsonl"


class Question(BaseModel):
    """A line of a question file. Other fields are allowed: published files carry their own."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    question: str = Field(min_length=1, validation_alias=AliasChoices("question", "task"))
    language: Literal["sql", "pyspark", "python", "feature"] | None = None
    """The language in which the question is a task for code, None where it is a question."""
    gold: dict[str, Any] | None = None
    """The fields of the feature view that a task for features is to give."""
    sql: str | list[str] | None = None
    """SQL that gives the right rows; several when several are right."""
    answers: list[list[list[Any]]] | None = None
    """Row sets, each right."""
    dialect: str = statement.DIALECT
    """The dialect of `sql`, as sqlglot names it."""
    ordered: bool = False
    """Whether the order of rows matters."""
    status: list[Literal["unsure", "clarify", "forbidden"]] = Field(default_factory=list)
    """Refusals that are right: alone for a question that can't be answered, beside rows for an ambiguous one."""
    id: str | int | None = None
    tags: list[str] = Field(default_factory=list)
    """The categories that the question counts in."""

    @model_validator(mode="after")
    def _has_gold(self) -> Question:
        given = (self.sql is not None) + (self.answers is not None) + (self.gold is not None)
        if (self.gold is None) == (self.language == "feature") and not self.status:
            raise ValueError("a task for features, and no other, has a 'gold' view")
        if given > 1 or not (given or self.status):
            raise ValueError("give either 'sql' or 'answers', or the 'status' of a right refusal")
        if given and not (self.sql or self.answers or self.gold):
            raise ValueError("there is no right answer in it")
        if not statement.is_dialect(self.dialect):
            raise ValueError(f"'{self.dialect}' is no SQL dialect")
        for rows in self.answers or []:
            if len({len(row) for row in rows}) > 1:
                raise ValueError("the rows of an answer differ in length")
        return self

    @property
    def answerable(self) -> bool:
        return bool(self.sql or self.answers or self.gold)

    @property
    def view(self) -> FeatureView | None:
        """The gold view; a pydantic ValidationError says what is wrong with its fields."""
        from pydantic import TypeAdapter

        from data.features.definition import FeatureView

        return None if self.gold is None else TypeAdapter(FeatureView).validate_python(self.gold)

    @property
    def gold_sql(self) -> list[str]:
        """The gold SQL in the gateway's dialect; Invalid when one is no query."""
        texts = [self.sql] if isinstance(self.sql, str) else self.sql or []
        return [
            text if self.dialect == statement.DIALECT else statement.translated(text, self.dialect) for text in texts
        ]

    @property
    def wanted(self) -> str:
        """What is right, in words: the gold SQL, the row sets or the refusals."""
        if self.answers is not None or self.gold is not None:
            return json.dumps(self.answers if self.gold is None else self.gold)
        return "\n".join(self.gold_sql) or " or ".join(self.status)


@dataclass(frozen=True)
class Line:
    """A question with the place where it stands."""

    path: Path
    number: int
    question: Question

    @property
    def where(self) -> str:
        return _place(self.path, self.number)

    @property
    def file(self) -> str:
        return self.path.name

    @property
    def id(self) -> str:
        """The question's own id, or else the number of its line."""
        return str(self.number if self.question.id is None else self.question.id)


def read(path: Path) -> tuple[Line, ...]:
    """The questions of a JSON Lines file, or of all such files of a folder in the order of their names.

    Invalid names the file and line of what can't be read."""
    return tuple(line for file in _files(path) for line in _lines(file))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.glob(f"*{SUFFIX}") if file.is_file())
    if not files:
        raise Invalid(f"The folder '{path}' has no question files.", f"Put files in it whose names end in {SUFFIX}.")
    return files


def _lines(path: Path) -> tuple[Line, ...]:
    try:
        texts = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"The question file '{path}' can't be read: {_reason(error)}.", "Give a JSON Lines file."
        ) from error
    lines = tuple(_line(path, number, text) for number, text in enumerate(texts, 1) if text.strip())
    if not lines:
        raise Invalid(f"The question file '{path}' has no questions.", "Put one JSON object on each line.")
    return lines


def _line(path: Path, number: int, text: str) -> Line:
    where = _place(path, number)
    try:
        question = Question.model_validate(json.loads(text))
        for sql in question.gold_sql:
            statement.query(sql)
    except ValidationError as error:
        raise Invalid(f"{where}: {'; '.join(_complaints(error))}.", "Mend the line.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise Invalid(f"{where}: this is not JSON: {error}.", "Write one JSON object per line.") from error
    except Invalid as error:
        raise Invalid(f"{where}: {error.message}", error.remedy) from error
    return Line(path, number, question)


def _place(path: Path, number: int) -> str:
    return f"{path}:{number}"


def _complaints(error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"][:1])
        message = item["msg"].removeprefix("Value error, ")
        yield f"{field}: {message}" if field else message


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
