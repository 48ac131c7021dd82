"""Interpolated Kneser-Ney as a textbook has it: dictionaries, one gram after the other, and a recursion."""

from __future__ import annotations

from collections import Counter, defaultdict

START = "start of a sequence"


class Textbook:
    """P(symbol | context) over a known alphabet."""

    def __init__(self, sequences: list[list[int]], alphabet: int, order: int) -> None:
        self.alphabet, self.order = alphabet, order
        self.tables: dict[int, Counter[tuple[object, ...]]] = {}
        top: Counter[tuple[object, ...]] = Counter()
        for sequence in sequences:
            whole = [START] * 10 + list(sequence)
            for end in range(11, len(whole)):  # the first symbol of a sequence follows nothing
                top[tuple(whole[end - order + 1 : end + 1])] += 1
        self.tables[order] = top
        for length in range(order - 1, 0, -1):
            before = defaultdict(set)
            source = self.seen(sequences, length + 1)
            for gram in source:
                before[gram[1:]].add(gram[0])
            self.tables[length] = Counter({gram: len(ways) for gram, ways in before.items()})

    @staticmethod
    def seen(sequences: list[list[int]], length: int) -> set[tuple[object, ...]]:
        found: set[tuple[object, ...]] = set()
        for sequence in sequences:
            whole = [START] * 10 + list(sequence)
            found |= {tuple(whole[end - length + 1 : end + 1]) for end in range(11, len(whole))}
        return found

    def discount(self, length: int) -> float:
        of = Counter(self.tables[length].values())
        return of[1] / (of[1] + 2 * of[2]) if of[1] and of[2] else 0.5

    def probability(self, symbol: int, context: list[int], length: int | None = None) -> float:
        length = self.order if length is None else length
        if length == 0:
            return 1 / self.alphabet
        lower = self.probability(symbol, context, length - 1)
        before = tuple(([START] * 10 + list(context))[len(context) + 10 - length + 1 :])
        table = self.tables[length]
        following = {gram[-1]: n for gram, n in table.items() if gram[:-1] == before}
        total = sum(following.values())
        if total == 0:
            return lower
        D = self.discount(length)
        own = max(following.get(symbol, 0) - D, 0) / total
        return own + D * len(following) / total * lower
