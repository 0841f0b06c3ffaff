"""Rhythms of tunes, and the plans by which motifs return.

Rhythms are strings, one character a step: x a note, "-" held, "." silence; by family and density (soft, mid, hard).
Plans: a letter is a motif (upper case: a degree higher), "." rest, "o" a cadence that asks, "x" one that closes.
"""

RHYTHMS: dict[str, dict[str, tuple[str, ...]]] = {
    "song": {
        "soft": ("x-------x---x---", "x-----x-x-------", "x---x---x-------", "..x-x-x-x-------", "x-----------x-x-"),
        "mid": (
            "x---x-x-x---x-x-",
            "x--x--x-x---x---",
            "..x-x-x-x---x-x-",
            "x-x-x---x-x-x---",
            "x---x---x-x-x---",
            "x--x--x-----x-x-",
        ),
        "hard": ("x-x-x-x-x-x-x-x-", "x--x--x-x--x--x-", "x-x-x-xx-x-x-x--", "x-xxx-x-x-x-x---", "..x-x-xx-x-xx---"),
    },
    "rock": {
        "soft": ("x-------x-------", "x-----x-x-------", "....x---x-------", "x---x-------x---"),
        "mid": ("x--x--x-x---....", "x-x-x---x-x-x---", "..x-x-x---x-x---", "x---x-x-x---..x-", "x--x----x--x----"),
        "hard": ("x-xxx-x-x-xxx-x-", "x--x--x-x-x-x-x-", "xxx-x-x-xxx-x---", "x-x-..x-x-x-x-x-"),
    },
    "metal": {
        "soft": ("x-------x-------", "x---------------", "x-----x-x-------"),
        "mid": ("x---x---x---x---", "x--x--x-x-------", "x-x-x---x-x-x---", "x---x-x-x-------"),
        "hard": ("xxxxx-x-xxxxx-x-", "x-xxx-xxx-xxx-xx", "xxxxxxxxx---x---", "x--x--x-x--x--x-", "x-x-xxxxx-x-xxxx"),
    },
    "blues": {
        "soft": ("....x---x-----..", "x-----x-x---....", "x---x-x---......", "......x-x-x-x---"),
        "mid": ("..x-x-x-x---....", "x-x-x---..x-x---", "xxx-x-x-x---....", "....x-x-x-x-x---", "x---x-x-x-......"),
        "hard": ("xxx-x-x-xxx-x---", "x-x-x-x-x-x-x---", "..x-xxx-x-x-x---", "x-x-xxx-x---x-x-"),
    },
    "swing": {
        "soft": ("x-------..x-x---", "x-----x-----....", "..x---x-x-------", "x---x-x---------"),
        "mid": ("x-x-x-x-..x-x---", "..x-x-x-x-x-x---", "x---x-x---x-x-x-", "x-x---x-x---....", "....x-x-x-x-x-x-"),
        "hard": ("x-x-x-x-x-x-x-x-", "..x-x-x-x-x-x-x-", "x-x-xxx-x-x-x-x-", "x-xxx-x-x-x-..x-", "x-x-x-x-xxx-x-x-"),
    },
    "disco": {
        "soft": ("x-------x-------", "x-----x---------", "..x---x---x-----"),
        "mid": ("x--x--x-..x-x---", "..x-..x-..x-x-x-", "x-x-..x-x---x---", "x--x--x--x--x---", "x---x-xx-x-x----"),
        "hard": ("x-xx-xx-x-xx-x--", "x--x--x-x--x--x-", "xxx-xxx-x-x-x---", "..xxx-x-..xxx-x-"),
    },
    "loop": {
        "soft": ("x-----x-........", "....x-----x---..", "x--x------......", "x-------....x---"),
        "mid": ("x--x--x-....x---", "..x-..x-x-......", "x-x---x--x------", "....x-xx-x------", "x--x---x--x-...."),
        "hard": ("x--x--x--x--x-x-", "xx.xx.x-..x-x---", "x-x-xx-x..x-x---", "x-xx-x-x-xx-x---"),
    },
    "reggae": {
        "soft": ("..x-----x-------", "x-----x-------..", "....x---x-----.."),
        "mid": ("..x-x-x-x---....", "x--x--x-----....", "..x-x---..x-x---", "x-x-..x-x-----..", "......x-x-x-x---"),
        "hard": ("x-x-x-x-..x-x---", "..x-x-xx-x--x---", "x--x--x-x--x--x-"),
    },
    "lyric": {
        "soft": ("x-------x---x---", "x---x---x-------", "x-----x-x-------", "x-----------x---", "x-------x-------"),
        "mid": ("x---x---x-x-x-x-", "x-----x-x---x---", "x---x-x-x---x---", "x-x-x---x-x-x---", "x---x---x---x-x-"),
        "hard": ("x-x-x-x-x-x-x-x-", "x-xxx-x-x-x-x---", "x---xxxxx---x-x-", "x-x-xxxxx-x-x---", "xxxxx-x-xxxxx-x-"),
    },
    "waltz": {
        "soft": ("x-------x---", "x-----------", "x-----x-x---"),
        "mid": ("x---x---x---", "x---x-x-x---", "x-------x-x-", "x-x-x---x---"),
        "hard": ("x-x-x-x-x-x-", "x---x-x-x-x-", "x-xxx-x-x-x-"),
    },
}
CADENCES = {
    16: ("x---x---x-----..", "x-x-x---x-----..", "x-------x-----..", "x-x-x-----------"),
    12: ("x---x---x---", "x-----------", "x-x-x-------"),
}
PLANS: dict[str, tuple[tuple[str, ...], ...]] = {
    "song": (("aabo", "aabx"), ("abao", "abax"), ("abco", "abcx"), ("aAbo", "aAbx"), ("a.bo", "a.bx")),
    "rock": (("aabo", "aabx"), ("abab", "abax"), ("a.ao", "a.ax"), ("aAbo", "aAbx")),
    "metal": (("aabo", "aabx"), ("abab", "abax"), ("aAao", "aAax"), ("..ao", "..ax")),
    "blues": (("ab..", "ab..", "cbx."), ("a.b.", "a.b.", "c.x."), ("aa..", "aa..", "bcx."), ("abo.", "abo.", "cax.")),
    "swing": (("abao", "abcx"), ("aAbo", "aAbx"), ("ab.o", "abcx"), ("abco", "abcx")),
    "disco": (("aabo", "aabx"), ("a.a.", "a.ax"), ("abab", "abax"), ("aAao", "aAax")),
    "loop": (("aba.", "abax"), ("a.a.", "a.ax"), ("abab", "abax"), ("aab.", "aabx")),
    "reggae": (("a.ao", "a.ax"), ("aabo", "aabx"), ("ab.o", "ab.x"), ("a.b.", "a.bx")),
    "lyric": (("abao", "abax"), ("aAbo", "aAbx"), ("abco", "abcx"), ("aabo", "aabx")),
}
"""Plans of a section: one word a phrase, one letter a bar."""
