import pytest
from selfloop.study.verdict.wording import change, cost, listed, number, percent, probability, span


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (number(0.97), "0.970"),
        (number(1.0), "1.00"),
        (number(12.34), "12.3"),
        (number(123.4), "123"),
        (number(4287.6), "4,288"),
        (percent(0.0004), "less than 0.1 %"),
        (percent(0.03), "3 %"),
        (percent(0.0423), "4.2 %"),
        (percent(0.0996), "10 %"),
        (percent(1.51), "151 %"),
        (change(1.0), "the same"),
        (change(0.88), "12 % lower"),
        (change(1.042), "4.2 % higher"),
        (change(2.5), "2.50 times as high"),
        (span(0.84, 0.92), "8 % to 16 % lower"),
        (span(0.9, 1.05), "10 % lower to 5 % higher"),
        (span(1.02, 1.05), "2 % to 5 % higher"),
        (span(1.5, 2.5), "50 % higher to 2.50 times as high"),
        (span(7.2, 8.1), "7.20 to 8.10 times as high"),
        (span(0.5381, 0.5412), "46 % lower at both ends"),
        (probability(0.999), "above 0.99"),
        (probability(0.001), "below 0.01"),
        (probability(0.837), "0.84"),
        (listed(["a"]), "a"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (cost(1), "1 multiply-add a step"),
        (cost(0), "0 multiply-adds a step"),
    ],
)
def test_wording(said: str, expected: str) -> None:
    assert said == expected
