"""Samples of the readiness report: what a bad morning in a hall looks like, and a good one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from screens.models import technician as t
from screens.samples.sample import Words

_WORDS: Mapping[t.CheckState, tuple[str, str]] = {
    "ok": ("正常", "well"),
    "attention": ("需留意", "attention"),
    "fault": ("故障", "fault"),
    "unknown": ("不知道", "not known"),
    "absent": ("本机没有", "not fitted"),
}
_LINES: tuple[tuple[str, str, str, str, t.CheckState, str, str, str, str], ...] = (
    ("reader", "badge", "读卡器", "card reader", "ok", "SAM 05.03-20240101-0001234567", "", "", ""),
    ("face-camera", "photo_camera", "人像摄像头", "face camera", "ok", "1280×720, 41 ms, 320 lx", "", "", ""),
    (
        "document-camera",
        "videocam",
        "高拍仪",
        "document camera",
        "attention",
        "高拍仪：画面太暗",
        "document camera: its picture is too dark",
        "补光灯 2 未亮：换灯或检查 J4 插头",
        "lamp 2 is out: change it, or look at plug J4",
    ),
    ("code-reader", "barcode_scanner", "扫码器", "code reader", "ok", "Newland FM430", "", "", ""),
    (
        "receipt-printer",
        "receipt_long",
        "凭条打印机",
        "receipt printer",
        "attention",
        "凭条打印机纸将尽（约 11 米）",
        "receipt printer: paper is low (~11 m)",
        "今晚前换纸",
        "change the roll before tonight",
    ),
    (
        "licence-printer",
        "print",
        "证照打印机",
        "licence printer",
        "fault",
        "证照打印机卡纸",
        "licence printer: paper is jammed",
        "打开后盖，顺着出纸方向取出纸，合上后自检",
        "open the rear cover, pull the paper out the way it runs, close it and test",
    ),
    ("pad", "contactless", "付款终端", "payment pad", "ok", "TID 52523535", "", "", ""),
    ("cabinet", "door_front", "机柜", "cabinet", "ok", "31 °C", "", "", ""),
    ("platform", "account_balance", "政务平台", "platform", "ok", "38 毫秒就有回答", "answers within 38 ms", "", ""),
    ("time", "schedule", "时钟", "time", "ok", "和平台的时间一致", "agrees with the platform's", "", ""),
    (
        "storage",
        "content_paste",
        "存储与日志",
        "storage",
        "fault",
        "一笔付款的结果还不知道，收费功能暂停",
        "the end of one payment is not known; nothing that costs is offered",
        "在维护工作里打开未了结事项",
        "open it under work, open matters",
    ),
    ("power", "bolt", "电源", "power", "ok", "UPS 97 %", "", "", ""),
    ("screen", "touch_app", "屏幕与触摸", "screen and touch", "ok", "21.5-portrait", "", "", ""),
    ("sound", "volume_up", "声音", "sound", "ok", "", "", "", ""),
    (
        "certificates",
        "verified",
        "证书",
        "certificates",
        "ok",
        "最早的 211 天后到期",
        "the first ends in 211 days",
        "",
        "",
    ),
    ("updates", "sync", "更新", "updates", "ok", "1.4.2, 2026-11-18", "", "", ""),
    (
        "fleet",
        "language",
        "机群",
        "fleet",
        "ok",
        "连着；0 条记录等着上报",
        "connected; 0 entries wait to be told",
        "",
        "",
    ),
    ("door", "lock", "维护入口", "technicians' door", "ok", "", "", "", ""),
    ("code-camera", "qr_code_scanner", "扫码摄像头", "code camera", "absent", "", "", "", ""),
)


def check(w: Words, number: int) -> t.CheckLine:
    id_, icon, zh, en, state, said, said_en, cure, cure_en = _LINES[number]
    sentence = w(said, said_en) if said_en else said
    remedy = w(cure, cure_en) if cure else ""
    sentence, remedy = sentence[:1].upper() + sentence[1:], remedy[:1].upper() + remedy[1:]
    name = w(zh, en)[:1].upper() + w(zh, en)[1:]
    return t.CheckLine(id_, name, icon, state, w(*_WORDS[state]), sentence, remedy, state != "absent")


def readiness(w: Words) -> t.Readiness:
    lines = tuple(check(w, number) for number in range(len(_LINES)))
    jam = lines[5]
    return t.Readiness(lines, jam.sentence, jam.remedy, jam.id, jam.state, 189)


def well(w: Words) -> t.Readiness:
    bare = (replace(line, sentence="", remedy="", state="ok", word=w(*_WORDS["ok"])) for line in readiness(w).lines)
    return t.Readiness(tuple(bare), services=236, as_of="20:14")
