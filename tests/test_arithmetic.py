"""One text is judged in plain Python, many in numpy: the sums are the same."""

import math

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from helpdesk.classify.model import Columns, Model, Pooling, Row
from helpdesk.classify.table import Table
from helpdesk.desk import judge
from helpdesk.desk.judge import Judge
from helpdesk.kb.arrays import Arrays
from helpdesk.kb.index import ArticleText, KnowledgeIndex
from helpdesk.kb.sharing import BUDGET, PHRASINGS, Plain, Posting, affordable, packed
from helpdesk.lookup import FEW, Lookup, pack

PHRASES, ARTICLES = 200, 40
NUMBERS = st.lists(st.integers(0, PHRASES - 1), min_size=1, max_size=60, unique=True)
BLOCKS = st.lists(
    st.tuples(st.integers(1, 120_000), NUMBERS, st.integers(1, 20_000)).map(
        lambda drawn: packed(
            7,
            8,
            drawn[0] / 10_000,
            drawn[1],
            articles := sorted({number % ARTICLES for number in drawn[1]}),
            [drawn[2] + number for number in articles],
        )
    ),
    max_size=30,
)
WEIGHTS = st.dictionaries(st.integers(0, 4), st.integers(-500, 500).map(lambda n: n / 100), min_size=1, max_size=5)
ROWS = st.dictionaries(
    st.text(max_size=3),
    st.tuples(st.floats(0.1, 9), WEIGHTS).map(lambda drawn: Row(drawn[0], [*drawn[1]], [*drawn[1].values()])),
    min_size=1,
    max_size=20,
)


@given(BLOCKS)
def test_what_a_text_shares_is_the_same_in_plain_python_and_in_numpy(blocks):
    plain, arrays = Plain(), Arrays(PHRASES, ARTICLES)
    one = plain.shared([plain.unpacked(block) for block in blocks])
    many = arrays.shared([arrays.unpacked(block) for block in blocks])
    assert [*one.phrasings] == [*many.phrasings]
    assert [*one.squares] == [*many.squares]
    assert len(one.phrasings) <= PHRASINGS
    assert one.of_articles(range(ARTICLES)) == many.of_articles([*range(ARTICLES)])


def test_a_posting_survives_being_packed():
    block = packed(1, 2, 3.5, [4, 9], [0, 1, 3], [10, 20, 30])
    for arithmetic in (Plain(), Arrays(PHRASES, ARTICLES)):
        *head, _holders = arithmetic.unpacked(block)
        assert head == [1, 2, 3.5, 2]
    (shared,) = {
        (*shared.phrasings, *shared.squares, *shared.of_articles([0, 1, 2, 3]))
        for arithmetic in (Plain(), Arrays(PHRASES, ARTICLES))
        for shared in [arithmetic.shared([arithmetic.unpacked(block)])]
    }
    assert shared == (4, 9, 12.25, 12.25, 10, 20, 0, 30)


@given(st.dictionaries(st.integers(0, 99), st.integers(1, 2 * BUDGET), min_size=1, max_size=9))
def test_the_rarest_terms_are_looked_at_as_far_as_the_budget_goes(counts):
    chosen = [posting.place for posting in affordable(Posting(place, 0, 1.0, n, ()) for place, n in counts.items())]
    assert chosen == sorted(counts)[: len(chosen)]
    assert len(chosen) == 1 or sum(counts[place] for place in chosen) <= BUDGET


@given(st.text(max_size=40), st.text(max_size=40))
def test_letters_are_compared_as_rapidfuzz_does(one, other):
    expected = fuzz.ratio(one, other) / 100
    assert math.isclose(Plain().letters(one, other), expected, rel_tol=1e-12)
    assert Arrays(1, 1).letters(one, other) == expected


@given(ROWS, st.dictionaries(st.text(max_size=3), st.floats(0.1, 3), max_size=9), st.data())
def test_a_model_sums_up_alike_alone_and_as_a_table(rows, others, data):
    found = others | dict.fromkeys(data.draw(st.sets(st.sampled_from(sorted(rows)), max_size=9)), 1.0)
    model = Model(0, "abcde", (0.5, 0.0, 0.0, 0.0, -0.5), Pooling(1.0, 1.0, 0.0, 0.0))
    alone = model.sums(found, {name: rows[name] for name in found if name in rows})
    table = Table(Columns.of(rows), model.biases).sums(found)
    assert _near(alone.logits, table.logits)
    assert _near([alone.known, alone.unknown], [table.known, table.unknown])
    for place in range(5):
        assert _near(*(sorted(weight for weight, _name in sums.spoken(place)) for sums in (alone, table)))
        assert {name for _weight, name in alone.spoken(place)} == {name for _weight, name in table.spoken(place)}


def test_a_text_is_judged_the_same_alone_and_among_many():
    faq = [
        ArticleText("stock", "delivery", "付款后没有收到卡密", ("付了款没发货", "paid but no key")),
        ArticleText("used", "card_key", "卡密显示已被使用", ("the key was used already", "码被用过了")),
        ArticleText("cash", "settlement", "寄售的钱什么时候结算", ("when do I get paid",)),
    ]
    texts = [
        "付了款没发货，钱呢",
        "the key I got was already used!!",
        "寄售结算什么时候到",
        "卡密打不开，另外什么时候结算",
    ]
    fresh, used = Judge(KnowledgeIndex(Lookup(pack(judge._built(faq))))), judge.of_articles(faq)
    alone = [judge.detail(fresh.judge(text)) for text in texts]
    for _time in range(FEW):
        used.judge(texts[0])
    assert [judge.detail(used.judge(text)) for text in texts] == alone


def _near(some, others):
    return len(some) == len(others) and all(
        abs(a - b) <= 1e-9 * (1 + abs(a)) for a, b in zip(some, others, strict=True)
    )
