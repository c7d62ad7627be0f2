"""An amount in the capital characters of Chinese vouchers (正确填写票据和结算凭证的基本规定, 支付结算办法附件一)."""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
MOST_FEN = 10**14 - 1


def spelled(fen: int) -> str:
    """`fen` (0 to `MOST_FEN`) as 壹佰零柒元贰角整; a negative or larger amount raises `ValueError`."""
    if not 0 <= fen <= MOST_FEN:
        raise ValueError(f"{fen} fen cannot be spelled: 0 to {MOST_FEN}")
    yuan, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not rest:
        return f"{whole or '零元'}整"
    between = "零" if yuan and (not jiao or yuan % 10 == 0) else ""
    tenths = f"{DIGITS[jiao]}角" if jiao else ""
    return f"{whole}{between}{tenths}" + (f"{DIGITS[rest]}分" if rest else "整")


def _whole(number: int) -> str:
    """A whole number above 0; one 零 stands for zeros between digits, none for those at the end of a group."""
    groups = []
    while number:
        groups.append(number % 10_000)
        number //= 10_000
    said = ""
    for at in range(len(groups) - 1, -1, -1):
        group = groups[at]
        if group:
            gap = said and (group < 1_000 or groups[at + 1] % 10 == 0)
            said += ("零" if gap else "") + _group(group) + GROUPS[at]
    return said


def _group(number: int) -> str:
    """1 to 9999."""
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + DIGITS[digit] + PLACES[place]
            gap = False
        else:
            gap = True
    return said
