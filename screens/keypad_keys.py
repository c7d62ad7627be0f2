"""The keys of every keypad and keyboard, as tables.

| kind     | keys                                                                       |
|----------|----------------------------------------------------------------------------|
| digits   | and one more where the kind has one: X of a citizen number, the point       |
| latin    | digits and capitals, as they are found on a keyboard                       |
| uscc     | GB 32100's 31 characters: no I, O, S, V, Z                                 |
| vin      | GB 16735: no I, O, Q                                                       |
| province | the first character of a number plate (GA 36-2018)                         |
| plate    | the rest of it: no I and O, 挂 学 警 at its end                             |
| text     | one of the layers below; `Reply("layer", name)` asks for another            |

| layer    | what it is for                                                             |
|----------|----------------------------------------------------------------------------|
| pinyin   | letters that become characters                                             |
| hand     | beside a field for the finger (`Ink`): signs, a stroke back, the field empty |
| rare     | a character by its code (U+9FA5), where nothing else finds it               |
| hangul   | the two-set Korean keyboard, doubled letters in a row of their own          |
| latin, upper, signs | as they stand                                                   |
"""

from __future__ import annotations

from collections.abc import Mapping

from screens.screen import Keypad

EXTRA: Mapping[str, str] = {"idno": "X", "money": ".", "date": "", "digits": "", "phone": ""}
"""The one key that a kind has beside the digits; "" leaves its place to `clear`."""
KEYBOARDS: Mapping[str, tuple[str, ...]] = {
    "latin": ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"),
    "uscc": ("1234567890", "QWERTYUP", "ADFGHJKL", "XCBNM"),
    "vin": ("1234567890", "QWERTYUP".replace("Q", ""), "ASDFGHJKL", "ZXCVBNM"),
    "province": ("鲁京津冀晋蒙辽吉", "黑沪苏浙皖闽赣豫", "鄂湘粤桂琼渝川贵", "云藏陕甘青宁新"),
    "plate": ("1234567890", "QWERTYUP挂", "ASDFGHJKL", "ZXCVBNM学警"),
}
LAYERS: Mapping[str, tuple[str, ...]] = {
    "pinyin": ("qwertyuiop", "asdfghjkl", "zxcvbnm'"),
    "latin": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "upper": ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"),
    "hand": ("，。、",),
    "rare": ("0123456789", "ABCDEF"),
    "hangul": ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ", "ㅃㅉㄸㄲㅆㅒㅖ"),
    "signs": ("1234567890", "，。、：（）“”", "-_/.,:()@", "#&+·%"),
}
HAND = ("undo", "again")
"""Keys beside a field for the finger: the last stroke back, the field empty."""


def keys_of(block: Keypad) -> frozenset[str]:
    """The values of every key: characters, `clear`, `backspace`, and `space` and `newline` where they are."""
    words = {"clear", "backspace"}
    if block.kind == "text":
        layer, _, lines = block.layer.partition("-")
        more = HAND if layer == "hand" else ()
        return frozenset({*"".join(LAYERS[layer]), *words, *more, "space", *(["newline"] if lines else [])})
    if block.kind in KEYBOARDS:
        return frozenset({*"".join(KEYBOARDS[block.kind]), *words})
    return frozenset({*"0123456789", *EXTRA[block.kind], *words})
