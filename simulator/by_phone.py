"""A citizen with nothing but a phone, for terminals without a reader, a pad or an eye: signs in and pays with it."""

from __future__ import annotations

from typing import Any

from simulator.customer import Customer, Offers


class PhoneCustomer(Customer):
    """As `Customer`; where the terminal shows its code the phone scans it, and a fee is paid by phone if it can be."""

    async def _at_phone_qr(self, shown: Any, offers: Offers) -> None:
        scan = "scanned" not in self._done
        self._done.add("scanned")
        await self.hall.desk(f"phone/session-{'scan' if scan else 'pick'}", citizen=self.citizen.key)

    async def _at_other_ways(self, shown: Any, offers: Offers) -> None:
        there = offers.get("way", [])
        self.press(*("way", "match") if "match" in there else ("way", there[0]) if there else ("leave", ""))

    async def _at_pay_method(self, shown: Any, offers: Offers) -> None:
        there = offers.get("way", [])
        self.press("way", next((way for way in ("shown", "card") if way in there), ""))

    async def _at_pay_code(self, shown: Any, offers: Offers) -> None:
        if "paid" not in self._done:
            self._done.add("paid")
            await self.hall.desk("phone/pay", provider="wechat")
