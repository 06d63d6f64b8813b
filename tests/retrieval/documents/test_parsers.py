"""What becomes of files: blocks with headings and places, and clear words for what can't be read."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from data.errors import Invalid
from retrieval.documents import html, markdown, pdf, plain
from retrieval.documents.cleaning import clean, pieces, sentences


def test_markdown_loses_its_marks_and_keeps_its_headings_and_places() -> None:
    text = (
        "---\ntitle: Rules\n---\n# One\n\nSome **bold** and `code`\nwords of [a link](http://x).\n\n"
        "Two\n---\n\n1. First *step*.\n2. Second.\n\n| Kind | Limit |\n|---|---|\n| Tips | 5 USD |\n"
        "<!-- hidden\n\nwords -->\n```\nrun --now\n```\n"
    )
    parsed = markdown.parse(text.encode())
    assert parsed.title == "Rules"
    assert [(block.text, block.headings) for block in parsed.blocks] == [
        ("Some bold and code words of a link.", ("One",)),
        ("1. First step.", ("One", "Two")),
        ("2. Second.", ("One", "Two")),
        ("Kind | Limit", ("One", "Two")),
        ("Tips | 5 USD", ("One", "Two")),
        ("run --now", ("One", "Two")),
    ]
    first = parsed.blocks[0]
    assert text[first.start : first.end].strip() == "Some **bold** and `code`\nwords of [a link](http://x)."
    row = parsed.blocks[4]
    assert text[row.start : row.end].strip() == "| Tips | 5 USD |"


def test_html_gives_what_a_reader_sees() -> None:
    page = (
        "<title>Rules</title><script>evil()</script><style>p{}</style><h1>Rules</h1><p>Be <b>kind</b> &amp; quick."
        "<p hidden>Never seen.<p style='display: none'>Nor this.<h2>Lists</h2><ul><li>One<li>Two<li hidden>Three</ul>"
        "<table><tr><td>Tips<td>5 USD</tr></table><div>Last<br>words</div>"
    )
    parsed = html.parse(page.encode())
    assert parsed.title == "Rules"
    assert [(block.text, block.headings[-1]) for block in parsed.blocks] == [
        ("Be kind & quick.", "Rules"),
        ("One", "Lists"),
        ("Two", "Lists"),
        ("Tips | 5 USD", "Lists"),
        ("Last", "Lists"),
        ("words", "Lists"),
    ]


def test_plain_text_has_paragraphs_items_and_headings() -> None:
    parsed = plain.parse(b"Desk rules\n\n1. FEES\n\nA fee of\n2% is due.\n- Cash only.\n")
    assert parsed.title == "Desk rules"
    assert [(block.text, block.headings) for block in parsed.blocks] == [
        ("A fee of 2% is due.", ("1. FEES",)),
        ("- Cash only.", ("1. FEES",)),
    ]


def test_a_pdf_is_read_by_pages(make_pdf: Callable[..., bytes]) -> None:
    content = make_pdf(["1. Opening", "Open at nine", "in the morning."], ["Close at five."], title="Hours")
    parsed = pdf.parse(content)
    assert parsed.title == "Hours"
    assert [(block.text, block.headings, block.page) for block in parsed.blocks] == [
        ("Open at nine in the morning.", ("1. Opening",), 1),
        ("Close at five.", (), 2),
    ]


def test_the_bookmarks_of_a_pdf_are_its_headings(make_pdf: Callable[..., bytes]) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(make_pdf(["Open at nine."], ["Close at five."])))
    writer.add_outline_item(title="Evening", page_number=1)
    written = io.BytesIO()
    writer.write(written)
    assert [block.headings for block in pdf.parse(written.getvalue()).blocks] == [(), ("Evening",)]


def encrypted(content: bytes) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(content))
    writer.encrypt("secret", algorithm="AES-256")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def test_an_encrypted_pdf_is_refused(make_pdf: Callable[..., bytes]) -> None:
    with pytest.raises(Invalid, match="encrypted") as refused:
        pdf.parse(encrypted(make_pdf(["Secret."])))
    assert "password" in refused.value.remedy


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 nonsense", b"\x00" * 100])
def test_a_broken_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="not a whole PDF") as refused:
        pdf.parse(content)
    assert refused.value.remedy


def test_a_pdf_without_text_is_refused(make_pdf: Callable[..., bytes]) -> None:
    with pytest.raises(Invalid, match="no text") as refused:
        pdf.parse(make_pdf([]))
    assert "OCR" in refused.value.remedy


def test_a_pdf_that_unpacks_to_too_much_harms_only_its_reading(make_pdf: Callable[..., bytes]) -> None:
    import zlib

    bomb = zlib.compress(b"BT (x) Tj ET " * 2**24, 9)
    plain_stream = b"<< /Length 41 >>\nstream\nBT /F1 12 Tf 50 750 Td (x) Tj 0 -16 Td ET\nendstream"
    content = make_pdf(["x"])
    assert plain_stream in content
    head = f"<< /Length {len(bomb)} /Filter /FlateDecode >>\nstream\n".encode()
    with pytest.raises(Invalid):
        pdf.parse(content.replace(plain_stream, head + bomb + b"\nendstream"))


@pytest.mark.parametrize("parse", [markdown.parse, html.parse, plain.parse])
def test_what_is_no_text_is_refused(parse: Callable[[bytes], object]) -> None:
    with pytest.raises(Invalid, match="UTF-8"):
        parse(b"caf\xe9 \xff")
    assert parse("Grüße an alle.".encode("utf-16"))


@pytest.mark.parametrize("parse", [markdown.parse, html.parse, plain.parse])
@pytest.mark.parametrize("text", ["", "\n\n", "#\n", "<", "```", "[](", "&#0;", "|||", "**", "<p" * 1000])
def test_no_text_is_too_odd(parse: Callable[[bytes], object], text: str) -> None:
    assert parse(text.encode()) is not None


def test_what_steers_a_terminal_or_the_reading_order_is_taken_out() -> None:
    assert clean("a\x1b[31mb\u202ec\u200bd\x00\n e") == "a[31mbcd e"


def test_sentences_are_cut_word_for_word() -> None:
    line = 'Pay 5 USD, e.g. in cash. "Never" ask twice! Section 2.1 holds (see no. 4). Done'
    parts = ["Pay 5 USD, e.g. in cash.", '"Never" ask twice!', "Section 2.1 holds (see no. 4).", "Done"]
    assert sentences(line) == parts
    assert "".join(sentences(line)).replace(" ", "") == line.replace(" ", "")


def test_long_paragraphs_are_cut_to_a_bound() -> None:
    text = "word " * 300 + "end. " + "x" * 900
    found = list(pieces(text, 200))
    assert all(len(piece) <= 200 for piece in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
