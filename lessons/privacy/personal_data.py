"""Finds personal data in what was said: e-mail, telephone, card, account and identity numbers.

Names are not looked for: captions name their speakers, and lessons speak of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatcher

from lessons.privacy.spans import Span

# An address as it is written; and as it is said and not put together, "ada at example dot com",
# which needs the name of a top-level domain, for a lesson has "the angle at a dot b" too.
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]++@[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+"
)
_SPOKEN_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]++ at (?:[\w-]+ dot )+(?:com|org|net|edu|gov|info|eu|uk|us|ca|au|nz|ie|de|"
    r"at|ch|fr|es|it|pt|nl|be|dk|se|no|fi|pl|cz|in|jp|br|mx)\b",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
# A Social Security number as its office gives it out (no area 000, 666 or 9xx), and a British
# National Insurance number (HMRC, NIM39110).
_SOCIAL_SECURITY = re.compile(
    r"(?<![\w-])(?!000|666|9)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])"
)
_NATIONAL_INSURANCE = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:\d{2} ?){3}[A-D]\b"
)
_FEWEST_DIGITS = 7
"""Of a telephone number."""

# What may become an address or a number yet, at the end of words that are still growing.
_GROWING = re.compile(r"(?<!\S)\S*@\S*|\+?\d(?:[ ().-]{0,2}\d){4,}")


def personal_spans(text: str, phone_region: str | None = None) -> list[Span]:
    """Return where personal data stands in a text.

    Args:
        phone_region: ISO 3166 code of the country whose telephone numbers are said without their
            country code; None finds those that begin with `+` only.
    """
    return [
        *(match.span() for match in _EMAIL.finditer(text)),
        *(match.span() for match in _SPOKEN_EMAIL.finditer(text)),
        *(match.span() for match in _CARD.finditer(text) if is_card_number(match[0])),
        *(match.span() for match in _ACCOUNT.finditer(text) if is_account_number(match[0])),
        *(match.span() for match in _SOCIAL_SECURITY.finditer(text)),
        *(match.span() for match in _NATIONAL_INSURANCE.finditer(text)),
        *_phone_spans(text, phone_region),
    ]


def growing_spans(text: str) -> list[Span]:
    """Return what stands in growing text that may turn out to be personal data: a word with an
    `@`, and five digits or more in a row, as a number that is still being said has them.
    """
    return [match.span() for match in _GROWING.finditer(text)]


def is_card_number(digits: str) -> bool:
    """Tell whether 13 to 19 digits end with their check digit (ISO/IEC 7812-1, Luhn)."""
    numbers = [int(one) for one in digits if one.isdecimal()]
    if not 13 <= len(numbers) <= 19 or not any(numbers):
        return False
    doubled = [sum(divmod(2 * one, 10)) for one in numbers[-2::-2]]
    return (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0


def is_account_number(text: str) -> bool:
    """Tell whether it is an IBAN by its check digits (ISO 13616, modulo 97)."""
    compact = text.replace(" ", "")
    turned = compact[4:] + compact[:4]
    return 15 <= len(compact) <= 34 and int("".join(str(int(one, 36)) for one in turned)) % 97 == 1


def _phone_spans(text: str, region: str | None) -> Iterator[Span]:
    if sum(one.isdecimal() for one in text) < _FEWEST_DIGITS:
        return
    for found in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
        yield found.start, found.end
