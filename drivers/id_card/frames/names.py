"""Sex (GB/T 2261.1) and ethnicity (GB/T 3304) codes as a card carries them. The raw code is kept beside every name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SEXES: Final[Mapping[str, str]] = MappingProxyType({"0": "未知", "1": "男", "2": "女", "9": "未说明"})

_ETHNICITIES = (
    "01汉 02蒙古 03回 04藏 05维吾尔 06苗 07彝 08壮 09布依 10朝鲜 11满 12侗 13瑶 14白 15土家 16哈尼 "
    "17哈萨克 18傣 19黎 20傈僳 21佤 22畲 23高山 24拉祜 25水 26东乡 27纳西 "
    "28景颇 29柯尔克孜 30土 31达斡尔 32仫佬 33羌 34布朗 35撒拉 36毛南 "
    "37仡佬 38锡伯 39阿昌 40普米 41塔吉克 42怒 43乌孜别克 44俄罗斯 45鄂温克 46德昂 47保安 48裕固 49京 50塔塔尔 51独龙 "
    "52鄂伦春 53赫哲 54门巴 55珞巴 56基诺 97其他 98外国血统中国籍人士"
)
ETHNICITIES: Final[Mapping[str, str]] = MappingProxyType({item[:2]: item[2:] for item in _ETHNICITIES.split()})
"""GB/T 3304-1991 to 56; 97 and 98 from the readers' own tables. Sources disagree about 57 and above: no name given."""


def sex_name(code: str) -> str:
    """The name of a sex code; an unknown code is shown, never guessed."""
    return SEXES.get(code, f"未知({code})")


def ethnicity_name(code: str) -> str:
    """The name of an ethnicity code; an unknown code is shown as 其他(code), blank stays blank."""
    return ETHNICITIES.get(code, f"其他({code})" if code else "")
