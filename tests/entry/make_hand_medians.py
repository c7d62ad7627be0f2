"""Writes tests/entry/hand_medians.json: the middle lines of the strokes of 60 characters, from hanzi-writer-data 2.0.1.

    npm pack hanzi-writer-data@2.0.1 && tar xzf hanzi-writer-data-2.0.1.tgz
    python tests/entry/make_hand_medians.py package

The data is derived from Make Me a Hanzi and AR PL KaitiM GB, under the Arphic Public License (ARPHICPL.txt beside it):
only the medians were kept, moved to 0 to 1 with y down and rounded. Tests only; nothing of it ships with the terminal.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

CHARACTERS = (
    "王李张刘陈于丛曲毕鞠姜宋邹隋谷戚栾逄单解"  # surnames at home around Weihai
    "建国秀英梓涵宇轩佳怡志强玉兰海洋雨桐振华"  # given names
    "威海市环翠区文化路街道村号楼室身份证公积金"  # places and services
)
TARGET = Path(__file__).with_name("hand_medians.json")


def main() -> None:
    """Write the file from the unpacked package named on the command line."""
    package = Path(sys.argv[1])
    found = {}
    for character in CHARACTERS:
        medians = json.loads((package / f"{character}.json").read_text(encoding="utf-8"))["medians"]
        found[character] = [[[round(x / 1024, 3), round((900 - y) / 1024, 3)] for x, y in line] for line in medians]
    rows = ",\n".join(f"{json.dumps(c, ensure_ascii=False)}: {json.dumps(lines)}" for c, lines in found.items())
    TARGET.write_text("{\n" + rows.replace(" ", "").replace('":', '": ') + "\n}\n", encoding="utf-8")
    sys.stdout.write(f"{len(found)} characters\n")


if __name__ == "__main__":
    main()
