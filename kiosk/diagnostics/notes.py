"""What a section says of a subsystem that is well, in words of three languages: figures with their unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from kiosk.events import Language

Words = Mapping[Language, str]
SAME_S: Final = 1.5
"""Clocks that differ by less agree: HTTP tells whole seconds, and the answer was on its way."""


def answered(took_ms: int) -> Words:
    """How long the platform took for its last answer."""
    return {
        "zh": f"{took_ms} 毫秒就有回答",
        "en": f"answers within {took_ms} ms",
        "ko": f"{took_ms} ms 안에 응답합니다",
    }


def apart(skew_s: float) -> Words:
    """Our clock beside the platform's; more than 0: ours is ahead."""
    if abs(skew_s) < SAME_S:
        return {"zh": "和平台的时间一致", "en": "agrees with the platform's", "ko": "플랫폼 시계와 같습니다"}
    by = f"{abs(skew_s):.1f}"
    if skew_s > 0:
        return {"zh": f"比平台快 {by} 秒", "en": f"{by} s ahead of the platform's", "ko": f"플랫폼보다 {by}초 빠릅니다"}
    return {"zh": f"比平台慢 {by} 秒", "en": f"{by} s behind the platform's", "ko": f"플랫폼보다 {by}초 느립니다"}


def size(mib: int) -> str:
    """Room on a disk as its maker counts it."""
    gb = mib * 1.048576 / 1000
    return f"{gb:.0f} GB" if gb >= 10 else f"{gb:.1f} GB" if gb >= 1 else f"{gb * 1000:.0f} MB"


def room(mib: int) -> Words:
    """How much the disk still takes."""
    left = size(mib)
    return {"zh": f"磁盘还空着 {left}", "en": f"{left} are free", "ko": f"{left} 남아 있습니다"}


def days_left(days: int) -> Words:
    """When the first certificate ends."""
    return {
        "zh": f"最早的 {days} 天后到期",
        "en": f"the first ends in {days} days",
        "ko": f"가장 빠른 것이 {days}일 뒤에 끝납니다",
    }


def heard_last(ago: timedelta, waiting: int) -> Words:
    """When the fleet's broker was there last, and how many events wait for it."""
    minutes = round(ago.total_seconds() / 60)
    if minutes < 1:
        return {
            "zh": f"连着；{waiting} 条记录等着上报",
            "en": f"connected; {waiting} entries wait to be told",
            "ko": f"연결됨. 보고 대기 {waiting}건",
        }
    return {
        "zh": f"{minutes} 分钟前还连着；{waiting} 条记录等着上报",
        "en": f"connected {minutes} min ago; {waiting} entries wait to be told",
        "ko": f"{minutes}분 전까지 연결됨. 보고 대기 {waiting}건",
    }


def not_looked(names: str) -> Words:
    """Certificates that are handed to the unit when it starts."""
    return {
        "zh": f"没有查看 {names}：终端没有运行，证书只在运行时能看到；用 root 再查一次",
        "en": f"not looked at ({names}): the unit does not run, and has them only while it does; ask again as root",
        "ko": f"확인하지 않음({names}): 서비스가 실행 중일 때만 있습니다. root로 다시 확인하세요",
    }
