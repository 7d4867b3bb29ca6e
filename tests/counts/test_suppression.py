"""No hidden cell can be worked out: every table is attacked by trying all that would fit it."""

from itertools import product
from random import Random

from orchard.counts.suppression import (
    Cell,
    Money,
    hidden,
    hidden_money,
    hidden_of_two,
    is_safe,
    stepped,
)


def table(rng: Random) -> dict[int, Cell]:
    """Return a random table: rows of some persons, some of them lifted out."""
    rows = {}
    for key in range(rng.randint(1, 5)):
        most = rng.randint(1, 9)
        rows[key] = Cell(rng.randint(0, rng.choice([2, most]) if most > 2 else most), most)
    return rows


def fitting(cells: dict, out: set, total: int | None) -> dict:
    """Return for each hidden cell all values that a reader cannot rule out."""
    names = sorted(out)
    rest = None if total is None else total - sum(cells[key].value for key in cells.keys() - out)
    found: dict = {key: set() for key in names}
    for values in product(*(range(cells[key].most + 1) for key in names)):
        if rest is None or sum(values) == rest:
            for key, value in zip(names, values, strict=True):
                found[key].add(value)
    return found


def tells(cell: Cell, values: set[int]) -> bool:
    """Say whether what fits pins a cell to within 5, or says more than its row itself does."""
    return max(values) - min(values) < min(5, cell.most)


def test_no_hidden_cell_of_a_table_can_be_told_to_within_five():
    rng, hid = Random(1), 0
    for _ in range(400):
        cells = table(rng)
        total = sum(cell.value for cell in cells.values())
        out, total_too = hidden(cells, Cell(total, 99))
        assert {key for key, cell in cells.items() if cell.value < 5} <= out
        if total == 0:
            continue
        hid += len(out)
        values = fitting(cells, set(out), None if total_too else total)
        assert not [key for key in out if tells(cells[key], values[key])], (cells, out)
    assert hid > 400


def test_a_single_small_cell_takes_another_one_with_it():
    cells = {"a": Cell(2, 30), "b": Cell(40, 60), "c": Cell(7, 20)}
    assert hidden(cells, Cell(49, 110)) == (frozenset({"a", "c"}), False)


def test_the_next_cell_is_taken_when_the_sum_of_the_hidden_ones_is_too_near():
    cells = {"a": Cell(2, 3), "b": Cell(20, 20), "c": Cell(30, 90)}
    assert not is_safe({"a": cells["a"], "b": cells["b"]})  # 22 of at most 23: a has 2 or 3
    assert hidden(cells, Cell(52, 113)) == (frozenset({"a", "b", "c"}), False)


def test_nothing_is_hidden_where_every_cell_is_large():
    assert hidden({"a": Cell(5, 9), "b": Cell(50, 90)}, Cell(55, 99)) == (frozenset(), False)


def test_a_total_of_few_goes_with_its_cells_and_a_total_of_nobody_stays():
    assert hidden({"a": Cell(3, 30), "b": Cell(0, 9)}, Cell(3, 39))[1]
    assert hidden({"a": Cell(0, 30)}, Cell(0, 30)) == (frozenset({"a"}), False)


def test_two_tables_shown_together_do_not_tell_each_other():
    rng, hid = Random(2), 0
    for _ in range(150):
        lower = {str(kind): named(kind, table(rng)) for kind in range(rng.randint(1, 3))}
        upper = {
            kind: Cell(sum(c.value for c in cells.values()), sum(c.most for c in cells.values()))
            for kind, cells in lower.items()
        }
        every = {key: cell for cells in lower.values() for key, cell in cells.items()}
        if len(every) > 6 or sum(cell.value for cell in every.values()) == 0:
            continue
        total = Cell(sum(cell.value for cell in every.values()), 99)
        found = hidden_of_two(hidden, upper, lower, total)
        hid += len(found.lower)
        values, above = fitting_both(lower, upper, found, total.value)
        if any(upper[kind].value == 0 for kind in upper.keys() - found.upper):
            continue
        assert not [key for key in found.lower if tells(every[key], values[key])], lower
        assert not [kind for kind in found.upper if tells(upper[kind], above[kind])], lower
    assert hid > 50


def named(kind: int, cells: dict) -> dict:
    return {f"{kind}-{key}": cell for key, cell in cells.items()}


def fitting_both(lower, upper, found, total: int) -> tuple[dict, dict]:
    """Return what fits the hidden cells of two tables by trying every filling of the lower."""
    every = {key: cell for cells in lower.values() for key, cell in cells.items()}
    names = sorted(every)
    below: dict = {key: set() for key in names}
    above: dict = {kind: set() for kind in lower}
    choices = [
        range(every[key].most + 1) if key in found.lower else [every[key].value] for key in names
    ]
    for values in product(*choices):
        filled = dict(zip(names, values, strict=True))
        sums = {kind: sum(filled[key] for key in cells) for kind, cells in lower.items()}
        if not found.total and sum(values) != total:
            continue
        if any(sums[kind] != upper[kind].value for kind in lower if kind not in found.upper):
            continue
        for key, value in filled.items():
            below[key].add(value)
        for kind, value in sums.items():
            above[kind].add(value)
    return below, above


def test_no_sum_of_money_tells_what_one_person_earns():
    small, large = Money(4, 4_000, 1_000), Money(20, 40_000, 3_000)
    other, ruled = Money(9, 9_000, 1_500), Money(9, 9_000, 5_000)
    whole = Money(33, 53_000, 3_000)
    out, total_too = hidden_money({"a": small, "b": large, "c": other}, whole)
    assert (out, total_too) == (frozenset({"a", "c"}), False)
    assert "a" in hidden_money({"a": ruled, "b": large}, Money(29, 49_000, 5_000))[0]
    assert hidden_money({"a": small}, small) == (frozenset({"a"}), True)
    assert hidden_money({"b": large, "c": other}, Money(29, 49_000, 3_000)) == (frozenset(), False)


def test_a_hidden_sum_cannot_be_had_by_subtraction():
    rng = Random(3)
    for _ in range(300):
        cells = {
            key: Money(persons, fen := rng.randint(1, 9) * 1_000, rng.randint(1, fen))
            for key in range(rng.randint(1, 5))
            if (persons := rng.randint(0, 9))
        }
        total = Money(
            sum(cell.persons for cell in cells.values()),
            sum(cell.fen for cell in cells.values()),
            max((cell.top for cell in cells.values()), default=0),
        )
        out, total_too = hidden_money(cells, total)
        assert {key for key, cell in cells.items() if cell.is_telling} <= out
        assert total_too or len(out) != 1


def test_outside_the_town_a_figure_moves_by_five_or_not_at_all():
    assert [stepped(value) for value in (0, 4, 5, 9, 10, 518)] == [None, None, 5, 5, 10, 515]
    assert {(stepped(n + 1) or 0) - (stepped(n) or 0) for n in range(200)} == {0, 5}
