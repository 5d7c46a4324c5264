"""Exact arithmetic that shows its work."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.formula import Term, added, as_term, known, plain, product, times, to_fen, total


def test_a_product_shows_its_units() -> None:
    formula = product(known(3, "人", "heads", "人数"), Term(Decimal(1500), "元/人"))
    assert formula.value == 4500
    assert formula.steps == ("3 人 × 1500 元/人 = 4500 元",)


def test_per_cent_multiplies_by_a_hundredth() -> None:
    formula = product(Term(Decimal("1234.56"), "元"), Term(Decimal(25), "%"))
    assert formula.value == Decimal("308.64")
    assert formula.steps == ("1234.56 元 × 25% = 308.64 元",)


def test_what_is_unknown_stands_by_name_and_is_remembered() -> None:
    heads = known(None, "人", "heads", "人数", low=0, high=3)
    formula = product(heads, Term(Decimal(1500), "元/人"))
    assert formula.value is None
    assert formula.unknown == (heads,)
    assert formula.steps == ("人数 × 1500 元/人 = ？ 元",)
    assert heads.low == 0
    assert heads.high == 3
    assert heads.factor is None


def test_sums() -> None:
    parts = [product(Term(Decimal(n), "人"), Term(Decimal(10), "元/人")) for n in (1, 2)]
    whole = total(parts)
    assert whole.value == 30
    assert whole.steps[-1] == "10 元 + 20 元 = 30 元"
    assert len(whole.steps) == 3
    assert total(parts[:1]) is parts[0]
    assert total([]).value == 0
    assert total([]).steps == ()
    assert total([*parts, product(known(None, "人", "heads", "人数"))]).value is None


def test_a_result_goes_on() -> None:
    base = added(Term(Decimal(2), "元"), Term(Decimal(3), "元"), unit="元")
    assert base.steps == ("2 元 + 3 元 = 5 元",)
    assert as_term(base).value == 5
    doubled = times(base, Term(Decimal(2), "个月"))
    assert doubled.value == 10
    assert doubled.steps == ("2 元 + 3 元 = 5 元", "5 元 × 2 个月 = 10 元")
    single = added(Term(Decimal(2), "元"), unit="元")
    assert single.steps == ()
    assert single.value == 2
    open_one = times(added(known(None, "元", "base", "基数"), unit="元"), Term(Decimal(2), "个月"), name="基数")
    assert open_one.value is None
    assert [term.fact for term in open_one.unknown] == ["base"]


@pytest.mark.parametrize(("value", "fen"), [("0.005", "0.01"), ("2.675", "2.68"), ("0.0049", "0.00"), ("7500", "7500.00")])
def test_rounding_half_up_to_the_fen(value: str, fen: str) -> None:
    assert str(to_fen(Decimal(value))) == fen


@given(st.decimals(min_value=0, max_value=10**12, places=4))
def test_plain_numbers_keep_their_value(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert not (text.endswith("0") and "." in text)
