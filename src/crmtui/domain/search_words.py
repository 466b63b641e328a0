"""How typed words ask the search index for a customer (``search_document`` says what it holds).

On the way of every look-up from the shell, so without regular expressions: compiling them takes longer than the search.
"""

from itertools import groupby

from crmtui.domain.folding import fold, has_cjk

SPELLED = "0"
"""Before the pinyin of a whole name: ``0zw`` is a name with just these initials, ``zw`` one that holds them."""

_PHONE_SIGNS = str.maketrans("", "", "-+(). ")
_TRUNK = 7  # digits that a number has at most without an area code or its country's


def match_expression(text: str) -> str | None:
    """``text`` as a MATCH expression of the index in which every word must be found; None when it holds no searchable word.

    Every word may be a beginning. User text never reaches the query grammar: each term is quoted.
    """
    folded = fold(text)
    terms: list[str] = []
    for word in [folded] if _digits_of(folded) else folded.split():
        terms += _word_terms(word)
    return " AND ".join(dict.fromkeys(terms)) or None


def whole_expression(text: str) -> str:
    """Like ``match_expression`` for several words of letters, each of which is meant as it stands; "" for any other text."""
    words = fold(text).split()
    if len(words) < 2 or not all(word.isascii() and word.isalpha() for word in words):
        return ""
    return " AND ".join(f'"{word}"' for word in dict.fromkeys(words))


def name_prefix(text: str) -> tuple[str, str]:
    """What the sort key of a name that begins with ``text`` begins with, and what the name itself must begin with ("" if given).

    ``张`` is looked for among the keys that begin with ``zhang``, of which some are 章.
    """
    words = text.strip()
    if has_cjk(words):
        from crmtui.domain.pinyin import syllables

        return " ".join(syllables(words, person=True)), words
    return fold(words), ""


def spelled_name(text: str) -> str:
    """The index term of a name that ``text`` spells from its first letter on; "" when that is no spelling."""
    letters = fold(text).replace(" ", "").replace("'", "")
    return SPELLED + letters if len(letters) > 1 and letters.isascii() and letters.isalpha() else ""


def _digits_of(word: str) -> str:
    """The digits of a word that may be (part of) a phone number; "" when it holds anything else."""
    digits = word.translate(_PHONE_SIGNS)
    return digits if digits.isascii() and digits.isdigit() else ""


def _word_terms(word: str) -> list[str]:
    digits = _digits_of(word)
    if digits:
        digits = digits.removeprefix("00") if len(digits) > 6 else digits
        forms = {digits}
        if len(digits) > _TRUNK and digits.startswith("0"):
            forms.add(digits[1:])  # the trunk 0 of a national number is not part of its international form
        return ["(" + " OR ".join(f'"{form}"* OR "r{form[::-1]}"*' for form in sorted(forms)) + ")"]
    terms = []
    for kind, characters in groupby(word, _kind):
        run = "".join(characters)
        if kind == _CHINESE:
            terms += [f'"{run[i : i + 2]}"' for i in range(len(run) - 1)] if len(run) > 1 else [f'"{run}"*']
        elif kind == _LETTER:
            terms += [f'"{part}"*' for part in _before_digits(run)]
    return terms


_LETTER, _CHINESE, _SIGN = range(3)


def _kind(character: str) -> int:
    if (
        "\u3400" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or "\U00020000" <= character <= "\U0003ffff"
    ):
        return _CHINESE if character.isalnum() else _SIGN
    return _LETTER if character.isalnum() else _SIGN


def _before_digits(run: str) -> list[str]:
    """``run`` cut between a letter and the digit after it, as e-mails are in the index."""
    cuts = [at for at in range(1, len(run)) if "0" <= run[at] <= "9" and "a" <= run[at - 1] <= "z"]
    return [run[start:end] for start, end in zip([0, *cuts], [*cuts, len(run)], strict=True)]
