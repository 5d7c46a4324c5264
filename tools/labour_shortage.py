"""Clause 4: help for enterprises that cannot find workers (用工困难企业); a service, no money."""

from dataclasses import replace
from decimal import Decimal

from tools.calculator import Line, Outcome, calculator
from tools.conditions import Condition, any_of, more_than
from tools.facts import Count, Facts, Percent
from tools.formula import plain
from tools.parameters import Benefit, Figure


class ShortageFacts(Facts):
    shortage_heads: Count | None = None
    shortage_rate: Percent | None = None
    positions: Count | None = None
    present_staff: Count | None = None

    @property
    def gap(self) -> int | None:
        """People lacking as told, else those that the positions are more than the people there."""
        if self.shortage_heads is None and self.positions and self.present_staff is not None:
            return max(0, self.positions - self.present_staff)
        return self.shortage_heads

    @property
    def places(self) -> int | None:
        """All positions as told, else those that are filled and those that are not."""
        if self.positions is None and self.present_staff is not None and self.shortage_heads is not None:
            return self.present_staff + self.shortage_heads
        return self.positions

    @property
    def rate(self) -> Decimal | None:
        """缺工率 as told, else the gap as a share of all positions, in per cent; none from numbers that contradict."""
        if self.shortage_rate is None and self.gap is not None and self.places and not self.contradicts:
            return (100 * Decimal(self.gap) / self.places).quantize(Decimal("0.01"))
        return self.shortage_rate

    @property
    def contradicts(self) -> bool:
        """More people lacking than there are positions, or another number than is lacking: something was misheard."""
        told = (self.positions, self.present_staff, self.shortage_heads)
        if self.positions and self.present_staff is not None and None not in told:
            return self.positions - self.present_staff != self.shortage_heads
        return bool(self.positions) and (self.shortage_heads or 0) > (self.positions or 0)


@calculator("labour_shortage_support", ShortageFacts, kind="service")
def labour_shortage_support(facts: ShortageFacts, benefit: Benefit) -> Outcome:
    """用工困难企业帮扶（四）: a gap of more than 100 people, or a share of more than 10 %."""
    heads, rate = benefit.figure("shortage_heads"), benefit.figure("shortage_rate")
    gap = more_than(
        f"用工缺口超过{heads.whole}人", facts.gap, heads.whole, fact="shortage_heads", clause=4, unit="人"
    )
    share = _share(facts.rate, rate)
    notes = []
    if share.open_in_plan and not gap.met:
        notes.append(
            f"缺工率正好{rate.whole}%：“超过{rate.whole}%以上”含不含{rate.whole}%，方案的文字自相矛盾，请问属地人社部门。"
        )
    if facts.contradicts and not gap.met:
        notes.append("岗位总数、现有人数和缺的人数对不上，请核对；这里没有按它们算缺工率。")
    elif facts.rate is not None and facts.shortage_rate is None:
        notes.append(f"缺工率按缺口占岗位总数计：{plain(facts.rate)}%；方案没有写明缺工率怎么算。")
    condition = any_of("用工缺口或缺工率达到标准", gap, share)
    return Outcome([Line("用工困难企业", condition)], notes=notes)


def _share(rate: Decimal | None, limit: Figure) -> Condition:
    """超过10%以上 contradicts itself: above is met, below is not, exactly 10 % stays open."""
    label = f"缺工率超过{limit.whole}%"
    if rate == limit.value:
        return Condition(label, "unknown", 4, "", f"{limit.whole}%", open_in_plan=True)
    share = more_than(label, rate, limit.whole, fact="shortage_rate", clause=4, unit="%")
    # A share is no whole number: the nearest above is no whole point above, and exactly at the limit does not fail.
    return replace(share, failing=limit.whole - 1, passing=limit.value + Decimal("0.01"))
