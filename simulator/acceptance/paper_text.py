"""The words on a printed document, as a reader of the PDF finds them."""

from __future__ import annotations

MOST_PAGES = 20


def text_of(pdf: bytes) -> str:
    """The text of at most `MOST_PAGES` pages. Raises `ValueError` when it is no PDF."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"这不是 PDF：{error}") from None
    try:
        return "\n".join(
            document[number].get_textpage().get_text_bounded() for number in range(min(len(document), MOST_PAGES))
        )
    finally:
        document.close()
