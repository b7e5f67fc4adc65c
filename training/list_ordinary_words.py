"""Lists the ordinary words of English: the likeliest ones of the offline engine's language model.

    python -m training.list_ordinary_words

writes `lessons/vocabulary/ordinary_english.txt`. The model (BSD-2-Clause) comes with pocketsphinx
and was made of conversation, so its likeliest words are those that people say, not write.
"""

from __future__ import annotations

from pathlib import Path

import pocketsphinx

WORDS = 2_500
"""On this list are `number`, `half` and `line`; `angle`, `ratio` and `fraction` are not."""

TARGET = Path(__file__).parents[1] / "lessons" / "vocabulary" / "ordinary_english.txt"


def ordinary_words(count: int = WORDS) -> list[str]:
    """Return the likeliest words, the likeliest first; only words that are in the dictionary."""
    model = pocketsphinx.Decoder(loglevel="FATAL").get_lm()
    dictionary = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    listed = (line.split()[0] for line in dictionary.read_text("utf-8").splitlines())
    words = [word for word in listed if word.replace("'", "").isalpha()]
    return sorted(words, key=lambda word: (-model.prob([word]), word))[:count]


def main() -> None:
    """Write the list, in alphabetical order so that a change of it is readable."""
    TARGET.write_text("\n".join(sorted(ordinary_words())) + "\n", "utf-8")
    print(f"{WORDS} words in {TARGET}")


if __name__ == "__main__":
    main()
