"""The words of the feature files and what they stand for: pages, devices, faults, cards, codes, ratings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Verb = tuple[str, Mapping[str, Any]]
"""What is done to a device: its verb and the arguments."""


class UnknownWord(ValueError):
    """A feature file says a word that stands for nothing; the message lists those that do."""


def meaning_of(table: Mapping[str, Any], word: str, what: str) -> Any:
    """What `word` stands for in `table`. Raises `UnknownWord`."""
    if word not in table:
        raise UnknownWord(f"没有叫“{word}”的{what}；可以写：{'、'.join(table)}")
    return table[word]


PAGES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "待机": ("standby",), "暂停服务": ("closed",), "断电后的结果": ("settled",), "首页": ("home",),
    "全部领域": ("fields",), "领域": ("field_page",), "搜索": ("search",), "搜索结果": ("found",),
    "办事指南": ("guide",), "指南打印": ("guide_printed",), "替谁办": ("for_whom",), "选单位": ("organisations",),
    "同意": ("consent",), "放身份证": ("place_card",), "刷脸": ("face",), "做动作": ("face_challenge",),
    "其他方式": ("other_ways",), "手机点选数字": ("number_match",), "出示爱山东": ("phone_code",),
    "爱山东扫一扫": ("phone_qr",), "登录好了": ("signed_in",), "到手机上办": ("hand_over",),
    "输入身份证号": ("type_number",), "等工作人员": ("officer_wait",), "您同意过的": ("agreed",),
    "需要的材料": ("materials",), "扫描": ("scan_page",), "扫描好了": ("scan_kept",), "扫描核对": ("scan_read",),
    "传送材料": ("uploading",), "拍照说明": ("photo_guide",), "拍照": ("photo",), "照片确认": ("photo_review",),
    "上次没办完": ("draft_found",), "是否保留": ("draft_keep",), "填写": ("form",), "选一项": ("choose_from",),
    "选地址": ("address",), "写字": ("writing",), "逐项填写": ("entries",), "扫码填写": ("code_field",),
    "填写检查": ("precheck",), "账单": ("bills",), "没有账单": ("bill_none",), "金额有变": ("fee_changed",),
    "核对": ("review",), "签名": ("sign",), "选缴费方式": ("pay_method",), "刷卡缴费": ("pay",),
    "扫屏幕缴费": ("pay_code",),
    "出示付款码": ("pay_scan",), "手机付款": ("pay_phone",), "正在办": ("working",), "凭条": ("receipt",),
    "结果": ("finish",), "办好了": ("finish",), "没有办成": ("not_done",), "已收下": ("queued",),
    "查询结果": ("result",), "我的办件": ("cases",), "办件": ("case_page",), "求助": ("help_asked",),
    "出示二维码": ("show_code",), "核验结果": ("code_verdict",), "取证": ("collect",), "复印": ("copy_offer",),
    "扫码领取": ("phone_link",), "排队号": ("ticket",), "评价原因": ("rating_tags",), "您还在吗": ("still_there",),
    "再见": ("leave",),
})  # fmt: skip
"""What a feature file calls a page -> the names of the page."""

DEVICES: Mapping[str, str] = MappingProxyType({
    "身份证阅读器": "id-card-reader", "凭条打印机": "receipt-printer", "证明打印机": "licence-printer",
    "刷卡机": "payment-pad", "摄像头": "camera", "扫描台": "document-camera", "机柜": "cabinet",
    "扫码器": "code-reader",
})  # fmt: skip

FAULTS: Mapping[str, Mapping[str, Verb]] = MappingProxyType({
    "id-card-reader": {
        "不回答": ("silent", {"times": "always"}), "自检失败": ("self_test_fault", {"on": True}),
        "校验错误": ("bad_checksum", {"times": 1}), "回答很慢": ("late", {}), "回答缺一半": ("truncated", {}),
        "回答两遍": ("twice", {}), "有杂讯": ("junk_prefix", {}), "长度不对": ("wrong_length", {}),
    },
    "receipt-printer": {
        "缺纸": ("paper_out", {}), "纸快用完": ("near_end", {}), "盖子打开": ("cover_open", {}),
        "切刀卡住": ("cutter_jam", {}), "卡纸": ("paper_jam", {}), "过热": ("head_hot", {}), "不回答": ("silent", {}),
        "关机": ("power_off", {}), "主板损坏": ("unrecoverable", {}),
    },
    "licence-printer": {
        "缺纸": ("paper_out", {}), "卡纸": ("jam", {}), "盖子打开": ("cover_open", {}), "碳粉用完": ("toner_out", {}),
        "碳粉不足": ("toner_low", {}), "暂停": ("stop", {}), "很慢": ("slow", {"seconds": 20}),
        "很忙": ("busy", {"count": 8}),
        "重启": ("restart", {}), "放弃任务": ("abort", {}),
    },
    "payment-pad": {
        "回答丢失": ("lose_answer", {"when": "before_ack"}), "刚扣款就断线": ("lose_answer", {"when": "after_ack"}),
        "扣款前断线": ("lose_answer", {"when": "before_status"}), "很慢": ("slow", {"seconds": 40}),
        "不回答": ("silent", {}),
        "要求先结账": ("lock_f0", {}), "很忙": ("busy", {}), "重启": ("power_cycle", {}),
        "多扣一分": ("other_amount", {"times": 1}), "取消后仍扣款": ("late_approval", {}),
        "逐字节发送": ("byte_by_byte", {}),
    },
    "camera": {"没有画面": ("stall", {}), "拒绝连接": ("refuse", {})},
    "document-camera": {"没有画面": ("stall", {})},
    "cabinet": {
        "不回答": ("silent", {"times": 20}), "门被打开": ("open_door", {}), "倾斜": ("tilt", {"on": True}),
        "市电断开": ("ups_engage", {}), "重启": ("restart", {}), "回答出错": ("garbled", {"times": 3}),
        "有人站在前面": ("presence", {"on": True}), "求助键被按下": ("key", {"seconds": 0.5}),
    },
    "code-reader": {"按键卡住": ("stuck", {})},
})  # fmt: skip
"""Device family -> what a feature file calls a fault -> how it is made."""

MENDING: Mapping[str, tuple[Verb, ...]] = MappingProxyType({
    "id-card-reader": (("clear_faults", {}),),
    "receipt-printer": (
        ("new_roll", {}), ("cover_close", {}), ("clear_fault", {}), ("head_hot", {"on": False}),
        ("silent", {"on": False}), ("hold", {"on": False}), ("cover_open", {}), ("cover_close", {}),
    ),
    "licence-printer": (
        ("clear_jam", {}), ("load_paper", {}), ("cover_close", {}), ("new_toner", {}), ("resume", {}),
        ("slow", {"seconds": 0}), ("busy", {"count": 0}),
    ),
    "payment-pad": (("clear_faults", {}),),
    "camera": (("restore", {}),),
    "document-camera": (("restore", {}), ("tidy", {})),
    "cabinet": (
        ("clear_faults", {}), ("close_door", {}), ("tilt", {"on": False}), ("presence", {"on": False}),
        ("ups_recover", {}),
    ),
    "code-reader": (("restore", {}),),
})  # fmt: skip
"""Device family -> what a technician does to it until all is well; a verb that does not apply now is passed over."""

KEYPAD: Mapping[str, str] = MappingProxyType({
    "上": "up", "下": "down", "左": "left", "右": "right", "确认": "ok", "返回": "back", "首页": "home", "求助": "help",
    "再说一遍": "repeat", "星号": "star", "轻一点": "softer", "响一点": "louder", "语音": "voice",
    "插上耳机": "headset-in", "拔掉耳机": "headset-out", **{digit: digit for digit in "0123456789"},
})  # fmt: skip
"""What a feature file calls a key of the keypad under the glass -> the key (`config.speaking.KeyCommand`, digits)."""

CARDS: Mapping[str, str] = MappingProxyType({
    "港澳居民居住证": "permit-hk", "外国人永久居留证（2017版）": "foreign-2017",
    "外国人永久居留证（2023版）": "foreign-2023",
    "迁移过的身份证": "moved", "伪造的身份证": "forged", "作废的身份证": "void",
})  # fmt: skip

AREAS: Mapping[str, str] = MappingProxyType({
    "事项目录": "catalogue", "登录": "identity", "证照库": "licences", "受理": "applications", "缴费": "payments",
    "证明打印": "prints", "查询": "queries", "窗口": "counters", "上报": "reports", "设备管理": "device",
})  # fmt: skip

PLATFORM_FAULTS: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "断开": {"down": True}, "断开一次": {"down": True, "times": 1}, "很慢": {"slow_s": 20, "times": 3},
    "网关出错": {"status": 503, "times": 6}, "回答缺一半": {"half": True, "times": 2},
    "办了但没有回答": {"drop_reply_after_commit": True, "times": 1}, "收到两遍": {"duplicate": True, "times": 4},
    "正在维护": {"problem": "maintenance"},
})  # fmt: skip

PAYER_FAULTS: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "余额不足": {"declines": "insufficient"}, "一直没有付": {"never_pays": True}, "二十五秒后才付成": {"paying_s": 25},
    "九十秒不知道结果": {"unknown_s": 90}, "关单以后才付成": {"paid_after_close": True},
    "通知两遍": {"duplicate_notify": True},
    "退款很慢": {"reversal_slow_s": 120},
})  # fmt: skip

AT_THE_PAD: Mapping[str, Verb] = MappingProxyType({
    "挥卡": ("tap", {}), "插卡，密码输对": ("insert", {}), "插卡，密码输错": ("insert", {"pin": "wrong"}),
    "插卡，先输错再输对": ("insert", {"pin": "wrong-then-right"}), "挥卡，银行拒绝": ("decline", {}),
    "按红色取消键": ("cancel_key", {}),
})  # fmt: skip

WALLETS: Mapping[str, str] = MappingProxyType(
    {"微信支付": "wechat", "支付宝": "alipay", "云闪付": "unionpay", "翼支付": "bestpay"}
)

WAYS: Mapping[str, str] = MappingProxyType({"银行卡": "card", "手机扫码": "shown", "付款码": "scanned"})

CODES: Mapping[str, str] = MappingProxyType({
    "爱山东": "app-fresh", "过期的爱山东": "app-expired", "用过的爱山东": "app-used", "外省的爱山东": "app-foreign",
    "没有实名的爱山东": "app-unverified", "刚打印的证明": "last", "改动过的证明": "altered", "作废的证明": "void",
    "过期的证明": "expired", "别处的": "foreign",
})  # fmt: skip

FACES: Mapping[str, str] = MappingProxyType(
    {"本人": "show", "别人": "someone_else", "看不清的人": "dark", "黑屏": "cover"}
)

PROOFS: Mapping[str, str] = MappingProxyType({"刷脸": "face", "手机点选数字": "match", "爱山东二维码": "app"})

LANGUAGES: Mapping[str, str] = MappingProxyType({"中文": "zh", "English": "en", "한국어": "ko"})

MODES: Mapping[str, str] = MappingProxyType({
    "标准": "standard", "长辈版": "elder", "高对比": "contrast", "低位屏": "low",
})  # fmt: skip

RATINGS: Mapping[str, int] = MappingProxyType({"非常满意": 5, "满意": 4, "基本满意": 3, "不满意": 2, "非常不满意": 1})

OFFICE_ACTS: Mapping[str, str] = MappingProxyType({
    "办理一步": "step", "办结": "done", "不予办理": "refuse", "要求补正": "supplement", "暂停计时": "pause",
    "恢复计时": "resume",
})  # fmt: skip

EQUIPMENT: Mapping[str, str] = MappingProxyType({
    "发卡口": "card-slot", "取证柜": "issuing-cabinet", "照片打印机": "photo-printer", "签名板": "signature-pad",
    "指纹仪": "fingerprint", "对讲机": "intercom",
})  # fmt: skip
"""What a terminal may have beside its devices (`config.service_guide.Equipment`)."""

PAPERS: Mapping[str, str] = MappingProxyType({
    "户口簿": "booklet", "身份证人像面": "id-front", "身份证国徽面": "id-back",
    "一张A4纸": "a4", "填好的表格": "form", "白纸": "blank", "护照": "passport"})  # fmt: skip
"""What can lie on the desk -> the kind of the document camera's verb `lay`."""

PAPER_FLAWS: Mapping[str, str] = MappingProxyType(
    {"反光": "glare", "模糊": "blur", "太暗": "dark", "没放全": "cut-off"}
)

COLLECTIONS: Mapping[str, str] = MappingProxyType({"做好了": "ready", "还没有做好": "not-ready", "柜门打不开": "stuck"})

ENTRIES: Mapping[str, str] = MappingProxyType({
    "有人来了": "visit.opened", "人走了": "visit.closed", "同意": "consent", "核验了身份": "identity", "付款": "charge",
    "交了申请": "submit", "打印": "print",
})  # fmt: skip
"""What a feature file calls an entry of the journal -> how its kind begins."""
