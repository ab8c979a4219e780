"""The language a text is written in, by its scripts and by the characters only one of them uses."""

from __future__ import annotations

import re

from helpdesk.models.vocabulary import Language
from helpdesk.text import script_counts

_WORD = re.compile("[^\\W\\d_]+")
_ASCII_WORD = re.compile("[A-Za-z]{2,}")
# kanji in the form Japan alone gave them in 1946: neither the simplified nor the traditional Chinese one
_SHINJITAI = frozenset("込払発売対円変応済帰験検続転駅戻働枠図値読録覧択営団圧広焼届歳毎気沢黒竜剣仮価両")
_ENGLISH = frozenset(
    "the a an i my me is are was to of in on for it and not you your do does did have has can could when where how"
    " what why no any this that with but please help thanks get got".split()
)
_OTHER_LATIN = frozenset(
    "der die das und ich nicht ist ein eine mein mit auf wie le la les et je est pas une mon pour avec el los las y"
    " que mi con por una para como o os um uma meu nao di il che non per sono ik het een van tidak saya dan yang khong"
    " toi".split()
)


def detect(text: str) -> Language:
    """The language of `text`; `und` when no script says, or a Latin text is plainly not English."""
    text = text[:4000]
    hangul, kana, han = _scripts(text)
    latin = len(_ASCII_WORD.findall(text))
    if hangul and hangul * 2 >= max(han, kana, latin):
        return Language.KOREAN
    if _japanese(text, kana, han):
        return Language.JAPANESE
    if han and han * 2 >= latin:
        return _chinese(text)
    if latin:
        return _latin(text)
    return Language.UNDETERMINED


def _scripts(text: str) -> tuple[int, int, int]:
    """How many characters are Hangul, kana, Han."""
    # compared one by one: a class of characters that reaches so far takes milliseconds to compile
    letters = [letter for letter in text if letter >= "\u1100"] if not text.isascii() else []
    hangul = sum(["\uac00" <= a <= "\ud7a3" or "\u1100" <= a <= "\u11ff" or "\u3131" <= a <= "\u318e" for a in letters])
    kana = sum(["\u3041" <= a <= "\u3096" or "\u30a1" <= a <= "\u30fa" for a in letters])
    return hangul, kana, sum(["\u3400" <= a <= "\u9fff" for a in letters])


def _japanese(text: str, kana: int, han: int) -> bool:
    # one の among Han characters is Chinese shop slang, not Japanese
    if kana > 1 or (kana and not han):
        return kana * 6 >= han
    return han > 0 and not _SHINJITAI.isdisjoint(text) and script_counts(text)[1] == 0


def _chinese(text: str) -> Language:
    traditional, simplified = script_counts(text)
    return Language.TRADITIONAL if traditional > simplified else Language.SIMPLIFIED


def _latin(text: str) -> Language:
    words = {word.lower() for word in _WORD.findall(text)}
    foreign, english = len(words & _OTHER_LATIN), len(words & _ENGLISH)
    plain = sum(map(str.isascii, words))
    if plain * 2 < len(words) or foreign > english:
        return Language.UNDETERMINED
    return Language.ENGLISH
