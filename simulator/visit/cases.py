"""The scripted visits, as tables: service and case -> scenes and how the world must look afterwards."""

from __future__ import annotations

from simulator.visit.script import (
    Card,
    CutPower,
    Device,
    Expected,
    FillIn,
    FindService,
    Network,
    NotOffered,
    PayByPhone,
    Phone,
    Press,
    Quiet,
    Says,
    Scene,
    Script,
    Speak,
    Stranger,
)

SI, PS = "WH-SI-001", "WH-PS-001"
FEE_FEN = 2000
READER, PAD, RECEIPT, LICENCE = "id-card-reader", "payment-pad", "receipt-printer", "licence-printer"

ANSWERS = {"kinds": "all", "receive_mode": "pickup", "pay_code": "37100020260000012345"}
"""What every citizen answers to a choice; a phone number is the citizen's own."""


_ARRIVE = Scene("standby", (Quiet(), Press("start")), 40, over=("working", "closed"))


def _start() -> tuple[Scene, ...]:
    return (
        _ARRIVE,
        Scene("home", (Speak(), FindService())),
        Scene("guide", (Press("start"),), over=("field_page", "fields")),
        Scene("consent", (Press("agree"),)),
        Scene("place_card", (Card("present"),)),
    )


_FACE = (Scene("consent", (Press("agree"),)), Scene("face"))
_FORM = (Scene("form", (FillIn(), Press("next")), 60), Scene("review", (Press("confirm"),)))
_TAP = Device(PAD, "tap", ready="waiting")
_BY_CARD = Scene("pay_method", (Press("way", "card"),))
_PAY = (_BY_CARD, Scene("pay", (_TAP,)))
_TAKE_RECEIPT = Device(RECEIPT, "tear_off")
_TAKE_PAGE = Device(LICENCE, "take")
_GONE = (Scene("leave", within_s=20), Scene("standby", within_s=40, over=("leave", "closed")))
_DONE_SI = (
    Scene("finish", (Says(("1.2.156.3005.2",)), _TAKE_PAGE, Card("lift"), Press("rate", "5"), Press("leave")), 60),
    *_GONE,
)
_DONE_PS = (
    Scene("finish", (Card("lift"), Press("rate", "5"), Press("leave")), 60, over=("working", "receipt", "pay")),
    *_GONE,
)
_RETIRE = (Card("lift"), Press("leave"))
_CODE = ("扫码", "二维码", "拍下", "QR", "scan")
_PAPER = ("缺纸", "没有纸", "纸用完", "无纸", "out of paper", "no paper")

_SI_FINE = Expected(prints=("PRINTED",), certificates=1, ratings=1)
_PS_FINE = Expected(cases=1, ledger_fen=FEE_FEN, orders=("PAID",), receipts=1, ratings=1)
_NOTHING = Expected()
BILL, QUERY = "WH-GN-009", "WH-SI-004"
BILL_FEN = 14_000


def _not_offered(words: tuple[str, ...]) -> tuple[Scene, ...]:
    return (
        _ARRIVE,
        Scene("home", (Speak(), FindService())),
        Scene("guide", (NotOffered(words), Press("leave")), over=("field_page", "fields")),
        *_GONE,
    )


_SI_ALL = (*_start(), *_FORM, *_DONE_SI)
_PS_ALL = (*_start(), *_FACE, *_FORM, *_PAY, *_DONE_PS)

_BILL = (
    _ARRIVE,
    Scene("home", (Speak(), FindService())),
    Scene("guide", (Press("start"),), over=("field_page", "fields")),
    Scene("form", (FillIn(), Press("next")), 60),
)
_DONE = (Scene("finish", (Card("lift"), Press("leave")), 60, over=("working", "receipt", "pay")), *_GONE)
_DONE_BILL = (Scene("finish", (Press("leave"),), 60, over=("working", "receipt", "pay")), *_GONE)

CASES: dict[tuple[str, str], Script] = {
    (SI, "plain"): Script("card, form, certificate, rating", _SI_ALL, _SI_FINE),
    (SI, "receipt-paper-out"): Script(
        "no receipt paper: this service needs none", _SI_ALL, _SI_FINE, before=(Device(RECEIPT, "paper_out"),)
    ),
    (SI, "licence-paper-out"): Script(
        "no paper in the licence printer: not offered, and says why",
        _not_offered(_PAPER),
        _NOTHING,
        before=(Device(LICENCE, "paper_out"),),
    ),
    (SI, "network-gone"): Script(
        "the platform goes away before the certificate is authorised: not done, nothing printed",
        (
            *_start(),
            _FORM[0],
            Scene("review", (Network({"down": True}), Press("confirm"))),
            Scene("not_done", (Network({}), *_RETIRE), 60),
            Scene("leave", within_s=20),
            Scene("settled", (Press("continue"),), 40, over=("leave", "standby")),
            Scene("standby", within_s=40, over=("settled",)),
        ),
        _NOTHING,
    ),
    (PS, "plain"): Script("card, face, form, fee, receipt, rating", _PS_ALL, _PS_FINE),
    (PS, "licence-paper-out"): Script(
        "no certificate paper: this service needs none",
        _PS_ALL,
        _PS_FINE,
        before=(Device(LICENCE, "paper_out"),),
    ),
    (PS, "receipt-paper-out"): Script(
        "no receipt paper: not offered, and says why",
        _not_offered(_PAPER),
        _NOTHING,
        before=(Device(RECEIPT, "paper_out"),),
    ),
    (PS, "receipt-paper-gone"): Script(
        "the paper runs out during the visit: the receipt is a code on the screen",
        (
            *_start(),
            *_FACE,
            *_FORM,
            _BY_CARD,
            Scene("pay", (Device(RECEIPT, "paper_out"), _TAP)),
            Scene("receipt", (Says(_CODE), Press("continue")), 60, over=("working", "pay")),
            *_DONE_PS,
        ),
        Expected(cases=1, ledger_fen=FEE_FEN, orders=("PAID",), ratings=1),
    ),
    (PS, "declined"): Script(
        "the bank declines: nothing charged, nothing handed in",
        (
            *_start(),
            *_FACE,
            *_FORM,
            _BY_CARD,
            Scene("pay", (Device(PAD, "decline", ready="waiting"),)),
            Scene("not_done", _RETIRE, 60, over=("working", "pay")),
            *_GONE,
        ),
        Expected(orders=("FAILED",)),
    ),
    (PS, "paid-by-phone"): Script(
        "the fee paid with a phone that scans the terminal's code: nothing at the pad, one case, a receipt",
        (
            *_start(),
            *_FACE,
            *_FORM,
            Scene("pay_method", (Press("way", "shown"),)),
            Scene("pay_code", (PayByPhone(),)),
            Scene(
                "finish",
                (Card("lift"), Press("rate", "5"), Press("leave")),
                60,
                over=("working", "receipt", "pay_code", "pay_phone"),
            ),
            *_GONE,
        ),
        Expected(cases=1, phone_fen=FEE_FEN, orders=("PAID",), receipts=1, ratings=1),
    ),
    (PS, "face-mismatch"): Script(
        "somebody else looks into the camera: three tries, then not done and the other way offered",
        (
            *_start(),
            Scene("consent", (Stranger(), Press("agree"))),
            Scene("face"),
            Scene("not_done", _RETIRE, 60),
            *_GONE,
        ),
        _NOTHING,
    ),
    (PS, "other-way"): Script(
        "no face: the equal other way, confirmed in the app on the citizen's own phone",
        (
            *_start(),
            Scene("consent", (Press("other-way"),)),
            Scene("number_match", (Phone("confirm"),)),
            *_FORM,
            *_PAY,
            *_DONE_PS,
        ),
        _PS_FINE,
    ),
    (PS, "network-gone"): Script(
        "the platform goes away at submit: kept, handed in later, exactly once",
        (
            *_start(),
            *_FACE,
            *_FORM,
            _BY_CARD,
            Scene("pay", (_TAP, Network({"down": True, "area": "applications"}))),
            *_DONE_PS,
        ),
        _PS_FINE,
        after=(Network({}),),
    ),
    (PS, "killed-after-payment"): Script(
        "power cut after the charge, before the receipt: one case, or the money back, and the screen says which",
        (
            *_start(),
            *_FACE,
            *_FORM,
            _BY_CARD,
            Scene("pay", (_TAP, CutPower())),
            Scene("settled", (Card("lift"),), 60, over=("standby", "closed")),
        ),
        Expected(
            cases=1,
            ledger_fen=FEE_FEN,
            orders=("PAID",),
            either=tuple(Expected(orders=(state,)) for state in ("REFUNDED", "REVERSED", "FAILED", "CLOSED")),
        ),
    ),
    (BILL, "plain"): Script(
        "a bill by its twenty digits, nobody signed in: paid by card, a receipt",
        (*_BILL, Scene("review", (Press("confirm"),)), *_PAY, *_DONE_BILL),
        Expected(ledger_fen=BILL_FEN, orders=("PAID",), receipts=1),
    ),
    (QUERY, "plain"): Script(
        "card, face, the answer on the screen, nothing printed",
        (*_start(), *_FACE, Scene("result", (Press("continue"),), 60), *_DONE),
        Expected(),
    ),
}
