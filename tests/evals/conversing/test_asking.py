"""What asks and what agrees: the words of agents and users as they really write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.conversing.asking import agrees, asked_sentences, wants_a_yes


@pytest.mark.parametrize(
    "text",
    [
        "Which order is it?",
        "Could you please provide your user ID and the reservation ID.",
        "To proceed, I need your booking reference.",
        "Please confirm (yes/no).",
        "**What date works for you?**",
        'Is "A-7" right?',
        "Bitte nennen Sie mir Ihre Bestellnummer.",
        "Können Sie das bestätigen?",
        "Veuillez indiquer le numéro de commande.",
        "¿Cuál es su pedido?",
        "注文番号を教えてください？",
        "May I have your name",
        "How can I help you today?",
        "Let me know which of the two you prefer.",
        "Which order?🙏",
        "Order number?!",
        "\u200fמה מספר ההזמנה?\u200f",
        "Ποιος είναι ο αριθμός;",
        "Kindly share the order id",
        "Your order number, please",
    ],
)
def test_a_message_that_asks_has_a_sentence_that_asks(text: str) -> None:
    assert len(asked_sentences(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "The refund is made.",
        "Your order A-7 is on its way. Is there anything else I can help you with?",
        "Done. Let me know if you need further assistance.",
        "Your booking has been confirmed.",
        "It is refunded; enjoy your day.",
        "One moment, please.",
        "Please wait; I look it up.",
        "Feel free to reach out with any other questions!",
        "See https://shop.example/orders?id=7 for the details.",
        "Es ist erledigt. Kann ich sonst noch etwas für Sie tun?",
        "",
        "   \n\n",
    ],
)
def test_a_message_that_ends_asks_nothing(text: str) -> None:
    assert asked_sentences(text) == ()


def test_a_list_belongs_to_the_sentence_that_asks_for_it() -> None:
    text = (
        "I can cancel it.\nCould you provide:\n\n1. Your user ID\n2. **The reason**\n\nThank you!"
    )
    assert asked_sentences(text) == ("Could you provide:\n1. Your user ID\n2. **The reason**",)


@pytest.mark.parametrize(
    ("text", "is_yes"),
    [
        ("Shall I go ahead?", True),
        ("Would you like me to cancel it?", True),
        ("Is that correct?", True),
        ("Do you confirm (yes/no)?", True),
        ("Which order is it?", False),
        ("How much was it?", False),
    ],
)
def test_what_can_be_answered_by_yes(text: str, *, is_yes: bool) -> None:
    assert wants_a_yes(text) is is_yes


@pytest.mark.parametrize(
    ("text", "has_agreed"),
    [
        ("Yes.", True),
        ("yes please, go ahead", True),
        ("Sure, that works!", True),
        ("Ja, genau.", True),
        ("No.", False),
        ("Yes, but not that one.", False),
        ("Order A-7", False),
        ("Yesterday I called.", False),
        *[
            (text, True)
            for text in (
                "👍🏽",
                "✅ do it",
                "نعم",
                "\u200fכן\u200f",
                "да",
                "はい。",
                "好的",
                "Sim!",
                "Si, por favor",
                "y",
                "No problem, go ahead!",
                "Yes, can you also mail me a receipt?",
                "Yes please. Let me know if you need more.",
                "Oui, le 5 mai.",
                "Ja, am 5. Mai",
                "Yes, the first one, before Friday.",
                "Yes, without insurance",
                "Sure thing",
            )
        ],
        *[
            (text, False)
            for text in (
                "👎",
                "👍❌",
                "لا",
                "不可以",
                "I can't confirm that.",
                "I cannot agree, sorry.",
                "We won't agree",
                "I'm unsure",
                "Is that correct?",
                "OK?",
                "Yes if it is free.",
                "Yes. But only if it is free.",
                "Sure, unless it costs more",
                "ok, hold on",
                "Right now I'd rather keep it.",
                "Correct the address first.",
                "Make sure to ask me.",
                "Please confirm the amount.",
                "Only if it's ok",
                "Lieber keine, ok?",
                "Ja, wenn es geht",
                "D'accord, mais ne faites rien.",
                "Si c'est gratuit.",
                "Pedido A-7 y B-8",
                "No, but you can send it.",
                "OK, first show me the price.",
                "Claro que no",
            )
        ],
        ("Stop!", False),
        ("", False),
    ],
)
def test_only_a_plain_yes_agrees(text: str, *, has_agreed: bool) -> None:
    assert agrees(text) is has_agreed


@given(st.text(max_size=300))
def test_whatever_is_said_what_asks_is_part_of_it(text: str) -> None:
    words = set(text.split())
    for sentence in asked_sentences(text):
        assert set(sentence.split()) <= words


def test_a_message_of_any_length_is_looked_at_in_bounded_time() -> None:
    assert asked_sentences("please " * 200_000 + "Which order?")[-1].endswith("Which order?")
