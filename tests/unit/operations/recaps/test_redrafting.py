from __future__ import annotations

from lessons.recaps.content import RecapContent, RecapLine
from operations.recaps.redrafting import redrafted


def line(text: str, *claims: str) -> RecapLine:
    return RecapLine(text=text, claim_ids=list(claims))


def did(*lines: RecapLine) -> RecapContent:
    return RecapContent(did=list(lines))


ONE, TWO = line("She spoke.", "c-1"), line("She wrote.", "c-2")


def test_without_a_persons_changes_the_new_draft_stands() -> None:
    assert redrafted(did(ONE), did(ONE), did(TWO)) == did(TWO)


def test_a_line_that_a_person_added_stays() -> None:
    own = line("See you on Monday!")
    assert redrafted(did(ONE), did(ONE, own), did(TWO)) == did(TWO, own)


def test_a_line_that_a_person_took_out_stays_out_while_it_says_the_same() -> None:
    assert redrafted(did(ONE, TWO), did(TWO), did(ONE, TWO)) == did(TWO)
    changed = line("She spoke up.", "c-1")
    assert redrafted(did(ONE, TWO), did(TWO), did(changed, TWO)) == did(changed, TWO)


def test_a_reworded_line_stays_while_its_claims_do_and_goes_with_them() -> None:
    reworded = line("She talked to us.", "c-1")
    assert redrafted(did(ONE, TWO), did(reworded, TWO), did(ONE, TWO)) == did(TWO, reworded)
    corrected = line("She listened.", "c-1")
    assert redrafted(did(ONE), did(reworded), did(corrected)) == did(corrected)
    assert redrafted(did(ONE), did(reworded), did()) == did()
