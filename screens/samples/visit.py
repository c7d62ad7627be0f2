"""Samples of the pages that a plain visit meets: standby, home, guide, identity, form, payment, result, goodbye."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from config.texts import texts
from screens import models as m
from screens import pages
from screens.samples.sample import SHOWN_AT, Sample, Words


def _known(w: Words) -> tuple[m.Known, ...]:
    return (
        m.Known(w("姓名", "Name"), "张*荣", "card", "张桂荣"),
        m.Known(w("身份证号", "ID number"), "371***********5015", "card", "371002195603125015"),
        m.Known(w("登记地", "Registered in"), w("威海市环翠区", "Huancui, Weihai"), "share"),
    )


def _form(w: Words, *, phone: str = "138 0631 2", error: str = "", choice: bool = True) -> m.Form:
    fields = [
        m.FormField(
            "phone",
            w("手机号码", "Mobile number"),
            phone,
            hint="" if error else w("还差 3 位", "3 digits to go"),
            error=error,
        )
    ]
    if choice:
        options = {"pickup": w("窗口自取", "At the counter"), "post": w("免费邮寄到家", "By post, free")}
        fields.append(m.FormField("receive_mode", w("领取方式", "How to receive"), "pickup", options=options))
    title = w("居民身份证到期换领", "Resident ID card renewal")
    return m.Form(title, _known(w), tuple(fields), "phone", "phone", complete=False, left=1)


def _scanned(w: Words) -> tuple[str, tuple[m.Known, ...]]:
    return w("居民身份证", "Resident ID card"), _known(w)[:2]


def _choices(w: Words) -> m.Form:
    options = {
        "all": w("全部险种", "All kinds"),
        "pension": w("养老保险", "Pension"),
        "injury": w("工伤保险", "Work injury"),
    }
    field = m.FormField("kinds", w("要证明的险种", "Which insurance"), "", options=options)
    return m.Form(
        w("社会保险个人参保证明", "Certificate of social insurance"),
        _known(w)[:2],
        (field,),
        "kinds",
        None,
        complete=False,
        left=1,
    )


def _review(w: Words, fen: int, *, prints: bool) -> m.Review:
    rows = (
        *_known(w),
        m.Known(w("手机号码", "Mobile number"), "138****5678", "typed", "138 0631 5678"),
        m.Known(w("领取方式", "How to receive"), w("窗口自取", "At the counter"), "typed"),
    )
    basis = w("发改价格〔2003〕2322 号", "Price notice (2003) No. 2322")
    return m.Review(w("居民身份证到期换领", "Resident ID card renewal"), rows, fen, basis, prints)


def _pay(w: Words, prompt: str = "present-card", *, can_cancel: bool = True) -> m.Pay:
    return m.Pay(
        w("居民身份证换领工本费", "Fee for the ID card"),
        w("发改价格〔2003〕2322 号", "Price notice (2003) No. 2322"),
        w("威海市公安局", "Weihai Public Security Bureau"),
        2000,
        prompt,
        can_cancel,
    )


def _instead(place: m.Place) -> str:
    say = texts(place.language).t
    return say("code.foreign", got=say("code.kind.collect"), wanted=say("code.wanted.certificate"))


def _due(w: Words) -> m.Due:
    pay = _pay(w)
    return m.Due(pay.title, pay.basis, pay.payee, pay.fen)


def _pay_method(w: Words, *, limited: bool = False) -> m.PayMethod:
    fault = w("付款终端出了故障", "The payment terminal has a fault") if limited else ""
    return m.PayMethod(_due(w), (m.PayWay("shown"), m.PayWay("card", fault), m.PayWay("scanned")))


def _pay_code(w: Words, *, can_cancel: bool = True) -> m.PayCode:
    services = w("微信支付、支付宝、云闪付", "WeChat Pay, Alipay, UnionPay")
    return m.PayCode(_due(w), "https://pay.example/q/6nJ0mVb0qk2xTQ4rYw8uHz1A", services, can_cancel)


def _id_card(w: Words) -> str:
    return w("居民身份证", "ID card")


def _finish(w: Words, *, rated: int = 0, later: bool = False) -> m.Finish:
    rows = (
        m.Known(w("办理事项", "Matter"), w("居民身份证到期换领", "Resident ID card renewal")),
        m.Known(w("受理编号", "Number"), "8F3A 21C7" if later else "3710 0226 1121 0047"),
        m.Known(w("承诺办结", "Ready by"), w("12 月 18 日前（20 个工作日）", "18/12 at the latest (20 working days)")),
        m.Known(w("已缴", "Paid"), w("20.00 元 · 银行卡尾号 3331", "20.00 yuan · bank card ending 3331")),
    )
    takes = (m.Take("card", "waiting"), m.Take("receipt", "taken"), m.Take("code", "waiting"))
    return m.Finish(rows, takes, rated, later)


def _printed(w: Words) -> m.Finish:
    rows = (
        m.Known(w("办理事项", "Matter"), w("社会保险个人参保证明", "Certificate of social insurance")),
        m.Known(w("打印页数", "Pages printed"), "1"),
        m.Known(
            w("证照标识", "Licence identifier"),
            "1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W",
        ),
    )
    return m.Finish(rows, (m.Take("card", "taken"), m.Take("certificate", "waiting")))


def _code(w: Words) -> tuple[m.Known, ...]:
    return (
        m.Known(w("证照", "Document"), w("社会保险个人参保证明", "Certificate of social insurance")),
        m.Known(w("持证人", "Holder"), "张*荣"),
        m.Known(w("签发方", "Issuer"), w("威海市（模拟签发方）", "City of Weihai (simulated issuer)")),
        m.Known(w("签发日期", "Issued"), "2026-11-21"),
        m.Known(w("有效期至", "Valid until"), "2027-02-21"),
        m.Known(
            w("证照标识", "Licence identifier"),
            "1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W",
        ),
    )


def _near(w: Words) -> str:
    return w(
        "请用旁边的自助机，或到一楼综合窗口（工作日 9:00–17:00）。",
        "Use the terminal next to this one, or the counter.",
    )


_PURPOSES = (
    (
        "身份证上的信息",
        "Your ID card",
        "确认是您本人来办，填好申请表",
        "To make sure that it is you, and to fill in the form",
    ),
    (
        "政务共享数据",
        "Shared government data",
        "替您填好已有的内容，不用再填、不用再交材料",
        "To fill in what is already known",
    ),
)


def _purposes(w: Words) -> tuple[tuple[str, str], ...]:
    return tuple((w(a, b), w(c, d)) for a, b, c, d in _PURPOSES)


def _waiting(place: m.Place, seconds: float) -> m.Place:
    """Something has been under way for `seconds`."""
    return replace(place, since=SHOWN_AT - seconds)


SAMPLES: Mapping[str, Sample] = {
    "standby": (None, lambda p, w: pages.standby(p, m.Standby(235))),
    "standby-limits": (
        None,
        lambda p, w: pages.standby(
            p,
            m.Standby(
                189,
                (w("证照打印机缺纸", "The licence printer is out of paper"),),
                (
                    w(
                        "付款 20.00 元已退回，查询号 8F3A21C7",
                        "20.00 yuan paid back, reference 8F3A21C7",
                    ),
                ),
            ),
        ),
    ),
    "consent": (
        "identify",
        lambda p, w: pages.consent(p, m.Consent(w("居民身份证到期换领", "ID card renewal"), _purposes(w), "2026-11")),
    ),
    "consent-face": ("identify", lambda p, w: pages.consent(p, m.Consent("", (), "2026-11", face=True))),
    "place_card": ("identify", lambda p, w: pages.place_card(p, m.PlaceCard("waiting"))),
    "place_card-reading": ("identify", lambda p, w: pages.place_card(p, m.PlaceCard("reading"))),
    "place_card-again": (
        "identify",
        lambda p, w: pages.place_card(
            p,
            m.PlaceCard(
                "again",
                w("没有读到，请拿起来再放一次，放稳不动。", "It could not be read. Please lift it and place it again."),
            ),
        ),
    ),
    "place_card-lift": ("identify", lambda p, w: pages.place_card(p, m.PlaceCard("lift"))),
    "place_card-help": ("identify", lambda p, w: pages.place_card(replace(p, help=True), m.PlaceCard("waiting"))),
    "face": ("identify", lambda p, w: pages.face(p, m.Face("look"))),
    "face-closer": ("identify", lambda p, w: pages.face(p, m.Face("closer", "attention", 2))),
    "face-mask": ("identify", lambda p, w: pages.face(p, m.Face("mask", "attention", 2))),
    "face_challenge": ("identify", lambda p, w: pages.face_challenge(p, m.FaceChallenge("turn-left", "act"))),
    "face_challenge-wrong": (
        "identify",
        lambda p, w: pages.face_challenge(p, m.FaceChallenge("turn-right", "wrong-way", 1, 3)),
    ),
    "face_challenge-eyes": (
        "identify",
        lambda p, w: pages.face_challenge(p, m.FaceChallenge("close-eyes", "front", 2, 3)),
    ),
    "photo_guide": ("fill", lambda p, w: pages.photo_guide(p, m.PhotoGuide(_id_card(w), 26, 32))),
    "photo": ("fill", lambda p, w: pages.photo(p, m.PhotoTaking(_id_card(w)))),
    "photo-background": (
        "fill",
        lambda p, w: pages.photo(p, m.PhotoTaking(_id_card(w), "background", "attention")),
    ),
    "photo_review": ("fill", lambda p, w: pages.photo_review(p, m.PhotoTaking(_id_card(w)))),
    "number_match": ("identify", lambda p, w: pages.number_match(p, m.NumberMatch("47"))),
    "number_match-refused": ("identify", lambda p, w: pages.number_match(p, m.NumberMatch("47", "refused"))),
    "form": ("fill", lambda p, w: pages.form(p, _form(w))),
    "form-error": (
        "fill",
        lambda p, w: pages.form(
            p, _form(w, phone="138 0631 5678", error=w("请填 11 位手机号码", "Please enter 11 digits"))
        ),
    ),
    "form-choice": ("fill", lambda p, w: pages.form(p, _choices(w))),
    "review": ("review", lambda p, w: pages.review(p, _review(w, 2000, prints=False))),
    "review-unmasked": ("review", lambda p, w: pages.review(replace(p, unmasked=True), _review(w, 2000, prints=False))),
    "review-print": ("review", lambda p, w: pages.review(p, _review(w, 0, prints=True))),
    "pay": ("pay", lambda p, w: pages.pay(p, _pay(w))),
    "pay-cancelling": ("pay", lambda p, w: pages.pay(p, _pay(w, "online", can_cancel=False))),
    "pay_method": ("pay", lambda p, w: pages.pay_method(p, _pay_method(w))),
    "pay_method-limits": ("pay", lambda p, w: pages.pay_method(p, _pay_method(w, limited=True))),
    "pay_code": ("pay", lambda p, w: pages.pay_code(p, _pay_code(w))),
    "pay_code-ending": ("pay", lambda p, w: pages.pay_code(p, _pay_code(w, can_cancel=False))),
    "pay_scan": ("pay", lambda p, w: pages.pay_scan(p, m.PayScan(_due(w)))),
    "pay_scan-not-a-code": ("pay", lambda p, w: pages.pay_scan(p, m.PayScan(_due(w), "not-a-code"))),
    "pay_phone": ("pay", lambda p, w: pages.pay_phone(p, m.PayPhone(_due(w), "paying", w("微信支付", "WeChat Pay")))),
    "pay_phone-asking": ("pay", lambda p, w: pages.pay_phone(p, m.PayPhone(_due(w), "asking"))),
    "not_done-phone": (
        None,
        lambda p, w: pages.not_done(p, m.NotDone("phone-unknown", "unknown", "8F3A21C7", elsewhere=_near(w))),
    ),
    "working": ("fulfil", lambda p, w: pages.working(_waiting(p, 5), m.Working("submitting"))),
    "working-asking": (
        "fulfil",
        lambda p, w: pages.working(replace(_waiting(p, 8), stoppable=True), m.Working("querying")),
    ),
    "working-printing": ("fulfil", lambda p, w: pages.working(p, m.Working("printing", 0.4))),
    "receipt": ("collect", lambda p, w: pages.receipt(p, m.Receipt("printing"))),
    "receipt-take": ("collect", lambda p, w: pages.receipt(p, m.Receipt("take"))),
    "receipt-again": ("collect", lambda p, w: pages.receipt(p, m.Receipt("qr", "WHA1.3710022611210047", again=True))),
    "receipt-qr": ("collect", lambda p, w: pages.receipt(p, m.Receipt("qr", "WHA1.3710022611210047"))),
    "finish": ("collect", lambda p, w: pages.finish(p, _finish(w))),
    "finish-rated": ("collect", lambda p, w: pages.finish(p, _finish(w, rated=5))),
    "finish-later": ("collect", lambda p, w: pages.finish(p, _finish(w, later=True))),
    "finish-print": ("collect", lambda p, w: pages.finish(p, _printed(w))),
    "not_done": (None, lambda p, w: pages.not_done(p, m.NotDone("declined", "not-charged", can_retry=True))),
    "not_done-unknown": (
        None,
        lambda p, w: pages.not_done(p, m.NotDone("payment-unknown", "unknown", "8F3A21C7", elsewhere=_near(w))),
    ),
    "not_done-face": (None, lambda p, w: pages.not_done(p, m.NotDone("face-mismatch", other_way=True, can_retry=True))),
    "not_done-refunded": (
        None,
        lambda p, w: pages.not_done(p, m.NotDone("submit-refused", "refunded", "8F3A21C7", elsewhere=_near(w))),
    ),
    "settled": (
        None,
        lambda p, w: pages.settled(
            p,
            m.Settled(
                (
                    m.Known(
                        "03:07",
                        w(
                            "付款 20.00 元已退回，查询号 8F3A21C7",
                            "20.00 yuan paid back, reference 8F3A21C7",
                        ),
                    ),
                    m.Known(
                        "03:05",
                        w("证明没有打印，已作废，查询号 1B20C4D9", "The certificate is void; reference 1B20C4D9"),
                    ),
                )
            ),
        ),
    ),
    "show_code": (None, lambda p, w: pages.show_code(p, m.ShowCode("look"))),
    "show_code-closer": (None, lambda p, w: pages.show_code(p, m.ShowCode("closer"))),
    "show_code-instead": (None, lambda p, w: pages.show_code(p, m.ShowCode("look", _instead(p)))),
    "code_verdict": (
        None,
        lambda p, w: pages.code_verdict(p, m.CodeVerdict("valid", "", _code(w), "2026-11-21 12:00")),
    ),
    "code_verdict-void": (
        None,
        lambda p, w: pages.code_verdict(p, m.CodeVerdict("void", "revoked", _code(w), "2026-11-14 09:30", old=True)),
    ),
    "code_verdict-expired": (None, lambda p, w: pages.code_verdict(p, m.CodeVerdict("expired", "", _code(w)))),
    "code_verdict-altered": (None, lambda p, w: pages.code_verdict(p, m.CodeVerdict("altered", "signature"))),
    "code_verdict-unknown": (None, lambda p, w: pages.code_verdict(p, m.CodeVerdict("unknown", "foreign"))),
    "scan_page": (
        "fill",
        lambda p, w: pages.scan_page(
            p, m.ScanPage(w("居民身份证", "Resident ID card"), w("人像面", "side with the photo"), 1, 2)
        ),
    ),
    "scan_page-flaw": (
        "fill",
        lambda p, w: pages.scan_page(p, m.ScanPage(w("收入证明", "Income proof"), "", 2, 0, "flaw.crop", "attention")),
    ),
    "scan_kept": (
        "fill",
        lambda p, w: pages.scan_kept(p, m.ScanKept(w("收入证明", "Income proof"), 2, 0, more=True, can_finish=True)),
    ),
    "scan_read": ("fill", lambda p, w: pages.scan_read(p, m.ScanRead(*_scanned(w), "same"))),
    "scan_read-other": ("fill", lambda p, w: pages.scan_read(p, m.ScanRead(*_scanned(w), "other"))),
    "still_there": (None, lambda p, w: pages.still_there(p, m.StillThere(20))),
    "leave": (None, lambda p, w: pages.leave(p, m.Leave())),
    "leave-card": (None, lambda p, w: pages.leave(p, m.Leave(("card",)))),
    "leave-more": (None, lambda p, w: pages.leave(p, m.Leave(("card", "receipt", "certificate")))),
    "closed-own": (
        None,
        lambda p, w: pages.closed(
            replace(p, countdown=None),
            m.Closed(
                w(
                    "下午两点换好主板就开，急事请到二楼 5 号窗口，那里有人帮您",
                    "Open again at 2 pm. If it cannot wait, go to window 5 upstairs.",
                ),
                _near(w),
                until=False,
            ),
        ),
    ),
    "closed": (
        None,
        lambda p, w: pages.closed(
            replace(p, countdown=None),
            m.Closed(
                w("设备正在维护，修好就开。", "It is being serviced, and opens again when that is done."), _near(w)
            ),
        ),
    ),
}
