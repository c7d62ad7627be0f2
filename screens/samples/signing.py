"""Samples of signing: an empty pad, a signed one, a slip of the finger, the other ways."""

from __future__ import annotations

from collections.abc import Mapping

from screens import models as m
from screens import pages
from screens.ink import InkStroke
from screens.samples.sample import Sample, Words

MARK: tuple[InkStroke, ...] = (
    ((1800, 1300, 0), (2600, 1250, 60), (3500, 1150, 120)),
    ((2000, 2200, 400), (2700, 2150, 460), (3300, 2080, 520)),
    ((2650, 1280, 800), (2680, 2200, 870), (2640, 3100, 950)),
    ((1700, 3200, 1200), (2700, 3080, 1290), (3700, 3020, 1390)),
    ((4600, 1100, 1800), (4500, 1900, 1880), (4250, 2900, 1990)),
    ((4700, 1500, 2300), (5600, 1380, 2390), (6500, 1420, 2480), (6450, 2400, 2600), (6000, 3000, 2700)),
    ((5300, 1800, 3000), (5350, 2300, 3070), (5200, 2900, 3160)),
)


def _service(w: Words) -> str:
    return w("户口迁移（夫妻投靠）申请", "Moving the household registration")


SAMPLES: Mapping[str, Sample] = {
    "sign": ("review", lambda p, w: pages.sign(p, m.Sign(_service(w)))),
    "sign-signed": ("review", lambda p, w: pages.sign(p, m.Sign(_service(w), MARK, 7))),
    "sign-short": (
        "review",
        lambda p, w: pages.sign(
            p,
            m.Sign(
                _service(w), MARK[:1], 1, w("签得太短了，请写上您的姓名", "That is too short: please write your name")
            ),
        ),
    ),
    "sign_other": (
        "review",
        lambda p, w: pages.sign_other(
            p,
            m.SignOther(_service(w), elsewhere=w("一楼综合窗口，工作日 9:00–17:00", "Ground floor, weekdays 9 to 17")),
        ),
    ),
    "sign_other-no-card": (
        "review",
        lambda p, w: pages.sign_other(
            p,
            m.SignOther(
                _service(w),
                card=False,
                officer=False,
                trouble=w("这不是您刚才用的身份证", "This is not the card you used before"),
                elsewhere=w("一楼综合窗口，工作日 9:00–17:00", "Ground floor, weekdays 9 to 17"),
            ),
        ),
    ),
}
