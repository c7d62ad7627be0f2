"""How large a QR code will be, without drawing it: the table against segno."""

import pytest
import segno

from drivers.receipt_printer.raster import QR_BYTES_M, qr_side


@pytest.mark.parametrize("version", [1, 2, 9, 10, 26, 27, 39])
def test_the_table_is_segno_s(version: int) -> None:
    """A payload that just fits a version, and one byte more, are as large as segno draws them."""
    for size, wanted in ((QR_BYTES_M[version - 1], version), (QR_BYTES_M[version - 1] + 1, version + 1)):
        code = segno.make(b"\xe5" * size, error="m", micro=False, boost_error=False, mode="byte")
        assert code.version == wanted
        assert qr_side("a" * size) == len(code.matrix)


def test_it_counts_bytes_not_characters_and_ends_at_version_40() -> None:
    assert qr_side("威" * 5) == 25
    assert qr_side("a" * 14) == 21
    assert qr_side("a" * 2331) == 177
    with pytest.raises(ValueError, match="2332 bytes"):
        qr_side("a" * 2332)
