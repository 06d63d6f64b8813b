"""A PDF without what could run, reach out, or carry something along."""

from __future__ import annotations

from typing import Any

DOCUMENT = ("/OpenAction", "/AA", "/AF", "/Collection", "/DSS", "/Perms", "/URI", "/PieceInfo", "/SpiderInfo")
NAMES = ("/JavaScript", "/EmbeddedFiles", "/Renditions", "/AlternatePresentations", "/IDS", "/URLS")
ANYWHERE = ("/AA", "/JS", "/EF", "/AF", "/PieceInfo")
HARMLESS = ("/GoTo", "/Named")
"""Actions that stay within the document."""
CARRIERS = ("/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D")


def cleaned(reader: Any) -> Any:
    """A writer with the pages and fields of a PDF, and nothing that acts. What is left over is not carried along."""
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=reader)
    root = writer.root_object
    for key in DOCUMENT:
        root.pop(key, None)
    names = root.get("/Names")
    for key in NAMES if names is not None else ():
        names.get_object().pop(key, None)
    root["/AcroForm"].get_object().pop("/XFA", None)
    root["/AcroForm"].get_object().pop("/CO", None)
    for page in writer.pages:
        _keep_annotations(page)
    for thing in list(writer._objects):
        _disarm(thing)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    return writer


def _keep_annotations(page: Any) -> None:
    from pypdf.generic import ArrayObject, NameObject

    found = page.get("/Annots")
    found = found.get_object() if found is not None else None
    if isinstance(found, list):
        kept = [one for one in found if isinstance(one.get_object(), dict)]
        kept = [one for one in kept if one.get_object().get("/Subtype") not in CARRIERS]
        page[NameObject("/Annots")] = ArrayObject(kept)


def _disarm(thing: Any) -> None:
    """Take out all actions but those that stay within the document, however deep they are."""
    stack = [thing]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            for key in [key for key, value in node.items() if key in ANYWHERE or _acts(key, value)]:
                del node[key]
            stack.extend(value for value in node.values() if isinstance(value, dict | list))
        elif isinstance(node, list):
            stack.extend(value for value in node if isinstance(value, dict | list))


def _acts(key: str, value: Any) -> bool:
    if key not in ("/A", "/PA", "/Next", "/Dest"):
        return False
    action = value.get_object()
    return isinstance(action, dict) and "/S" in action and action["/S"] not in HARMLESS
