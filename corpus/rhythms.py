"""Rhythms of tunes, and the plans by which motifs return.

Rhythms are strings, one character a step: x a note, "-" held, "." silence; by family and density (soft, mid, hard).
Plans: a letter is a motif (upper case: a degree higher), "." rest, "o" a cadence that asks, "x" one that closes.
"""

RHYTHMS: dict[str, dict[str, tuple[str, ...]]] = {
    "song": {
        "soft": (
            "x-------x---x---", "x-----x-x-------", "x---x---x-------", "..x-x-x-x-------", "x-----------x-x-",
            "....x---x-------", "x-------x-x-x---", "x---x-x-x-------", "..x---x-x-------",
        ),
        "mid": (
            "x---x-x-x---x-x-", "x--x--x-x---x---", "..x-x-x-x---x-x-", "x-x-x---x-x-x---", "x---x---x-x-x---",
            "x--x--x-----x-x-", "....x-x-x-x-x---", "x-x-x-x-x-------", "..x--x--x---x-x-", "x---x--x--x-x---",
        ),
        "hard": (
            "x-x-x-x-x-x-x-x-", "x--x--x-x--x--x-", "x-x-x-xx-x-x-x--", "x-xxx-x-x-x-x---", "..x-x-xx-x-xx---",
            "..x-x-x-xxx-x-x-", "x--xx-x-x--xx---", "....x-xxx-x-x-x-", "xx-x-x-xx-x-x---",
        ),
    },
    "rock": {
        "soft": (
            "x-------x-------", "x-----x-x-------", "....x---x-------", "x---x-------x---", "..x---x-x-------",
            "x-------..x-x---", "x-----------x-x-", "x--x----x-------",
        ),
        "mid": (
            "x--x--x-x---....", "x-x-x---x-x-x---", "..x-x-x---x-x---", "x---x-x-x---..x-", "x--x----x--x----",
            "....x-x-x--x--x-", "x---x--x--x-x---", "..x--x--x---x---", "x-x-x-x-x-----..",
        ),
        "hard": (
            "x-xxx-x-x-xxx-x-", "x--x--x-x-x-x-x-", "xxx-x-x-xxx-x---", "x-x-..x-x-x-x-x-", "..x-xxx-x-x-x---",
            "x--xx-x-x--xx-x-", "xx..xx..x-x-x-x-", "x-x-x--x--x-x---",
        ),
    },
    "metal": {
        "soft": (
            "x-------x-------", "x---------------", "x-----x-x-------", "x---x---x-------", "....x-------x---",
            "x-----------x---", "x--x----x-------", "x-x-------------",
        ),
        "mid": (
            "x---x---x---x---", "x--x--x-x-------", "x-x-x---x-x-x---", "x---x-x-x-------", "x--x--x---x-x---",
            "x-----x-x--x--x-", "x---x--x--x-x---", "xxx-----xxx-----",
        ),
        "hard": (
            "xxxxx-x-xxxxx-x-", "x-xxx-xxx-xxx-xx", "xxxxxxxxx---x---", "x--x--x-x--x--x-", "x-x-xxxxx-x-xxxx",
            "xxx-xxx-xxx-x-x-", "x--xx--xx--xx---", "xxxxxxx-xxxxxxx-",
        ),
    },
    "blues": {
        "soft": (
            "....x---x-----..", "x-----x-x---....", "x---x-x---......", "......x-x-x-x---", "..x-x---x-------",
            "x---....x-x-----", "....x-x-x------.", "x-------x-x-x---",
        ),
        "mid": (
            "..x-x-x-x---....", "x-x-x---..x-x---", "xxx-x-x-x---....", "....x-x-x-x-x---", "x---x-x-x-......",
            "x-x-..x-x---....", "..x-x---..x-x---", "x---x-xxx-x-----", "....xxx-x-x-x---",
        ),
        "hard": (
            "xxx-x-x-xxx-x---", "x-x-x-x-x-x-x---", "..x-xxx-x-x-x---", "x-x-xxx-x---x-x-", "..xxx-x-x-x-x-x-",
            "xxx-..x-xxx-..x-", "x-xxx-x-x---....", "....x-xxx-xxx-x-",
        ),
    },
    "swing": {
        "soft": (
            "x-------..x-x---", "x-----x-----....", "..x---x-x-------", "x---x-x---------", "....x-x-x-------",
            "x-----x-x-------", "..x-x---....x---", "x--------.x-x---",
        ),
        "mid": (
            "x-x-x-x-..x-x---", "..x-x-x-x-x-x---", "x---x-x---x-x-x-", "x-x---x-x---....", "....x-x-x-x-x-x-",
            "..x---x-x-x-x---", "x-----x-x-x-x-x-", "x-x-..x---x-x---", "..x-..x-x-x-x-..",
        ),
        "hard": (
            "x-x-x-x-x-x-x-x-", "..x-x-x-x-x-x-x-", "x-x-xxx-x-x-x-x-", "x-xxx-x-x-x-..x-", "x-x-x-x-xxx-x-x-",
            "....x-xxx-x-x-x-", "xxx-x-x-x-xxx-x-", "x-x-..x-x-xxx-x-", "..xxx-x-x-x-....",
        ),
    },
    "disco": {
        "soft": (
            "x-------x-------", "x-----x---------", "..x---x---x-----", "....x---x-------", "x---x---x-------",
            "..x-----x-----x-", "x--x--x---------", "x-----x-....x---",
        ),
        "mid": (
            "x--x--x-..x-x---", "..x-..x-..x-x-x-", "x-x-..x-x---x---", "x--x--x--x--x---", "x---x-xx-x-x----",
            "x-x-x-x-..x-x---", "....x--x--x-x---", "x--x--x-x-x-x---",
        ),
        "hard": (
            "x-xx-xx-x-xx-x--", "x--x--x-x--x--x-", "xxx-xxx-x-x-x---", "..xxx-x-..xxx-x-", "x-x-x-x-xx-xx-x-",
            "..x-..x-xxx-x-x-", "xx-xx-x-xx-xx-x-", "x-xxx-xxx-x-x---",
        ),
    },
    "loop": {
        "soft": (
            "x-----x-........", "....x-----x---..", "x--x------......", "x-------....x---", "x---..x-----....",
            "..x-----x------.", "x--x--x---------", "x-----------x---",
        ),
        "mid": (
            "x--x--x-....x---", "..x-..x-x-......", "x-x---x--x------", "....x-xx-x------", "x--x---x--x-....",
            "x-x-..x-x-x-....", "..x--x--x-..x---", "xx-x-x----..x---", "x--x--x--x------",
        ),
        "hard": (
            "x--x--x--x--x-x-", "xx.xx.x-..x-x---", "x-x-xx-x..x-x---", "x-xx-x-x-xx-x---", "xxx-xxx-x--x--x-",
            "x-x-x-xxx-x-x-x-", "..xxx-xxx-x-x---", "xx-x-xx-x--x--x-",
        ),
    },
    "reggae": {
        "soft": (
            "..x-----x-------", "x-----x-------..", "....x---x-----..", "..x---x-x-------", "x---x-----x-----",
            "....x-x-x-------", "......x-x-------", "x---------x-x---",
        ),
        "mid": (
            "..x-x-x-x---....", "x--x--x-----....", "..x-x---..x-x---", "x-x-..x-x-----..", "......x-x-x-x---",
            "....x-x---x-x---", "x-x---x-x---..x-", "..x--x--x-----..",
        ),
        "hard": (
            "x-x-x-x-..x-x---", "..x-x-xx-x--x---", "x--x--x-x--x--x-", "..x-x-x-x-xxx---", "xx..x-x-xx..x---",
            "x-x-xx-x-x-x----", "....x-xxx-x-x-x-", "..xxx-..x-x-x-x-",
        ),
    },
    "lyric": {
        "soft": (
            "x-------x---x---", "x---x---x-------", "x-----x-x-------", "x-----------x---", "x-------x-------",
            "x-------x-----x-", "x-----------x-x-", "x---x-------x---", "x---------x-x---",
        ),
        "mid": (
            "x---x---x-x-x-x-", "x-----x-x---x---", "x---x-x-x---x---", "x-x-x---x-x-x---", "x---x---x---x-x-",
            "x-----x-x-x-x-x-", "x-------x-x-x---", "..x-x-x-x---x---", "x---x-xxx---x---",
        ),
        "hard": (
            "x-x-x-x-x-x-x-x-", "x-xxx-x-x-x-x---", "x---xxxxx---x-x-", "x-x-xxxxx-x-x---", "xxxxx-x-xxxxx-x-",
            "x-xxx-xxx-x-x---", "..xxx-x-xxx-x-x-", "x---x-x-xxxxx---", "xxx-x-x-xxx-x-x-",
        ),
    },
}  # fmt: skip
CADENCES = {16: ("x---x---x-----..", "x-x-x---x-----..", "x-------x-----..", "x-x-x-----------", "x--x--x---------",
                 "..x-x-x-x-------", "x---x-x-x-------", "x-----x---------")}  # fmt: skip
"""How a tune walks to the end of its phrase, by steps in a bar."""
PLANS: dict[str, tuple[tuple[str, ...], ...]] = {
    "song": (
        ("aabo", "aabx"), ("abao", "abax"), ("abco", "abcx"), ("aAbo", "aAbx"), ("a.bo", "a.bx"), ("abab", "abax"),
        ("aaba", "aabx"), ("abao", "cbcx"), ("aabo", "ccbx"), ("a.ao", "b.bx"), ("aAbo", "cCbx"),
    ),
    "rock": (
        ("aabo", "aabx"), ("abab", "abax"), ("a.ao", "a.ax"), ("aAbo", "aAbx"), ("a.bo", "a.bx"), ("abao", "cbax"),
        ("aaao", "aabx"), ("a.a.", "abcx"), ("a.b.", "aabx"),
    ),
    "metal": (
        ("aabo", "aabx"), ("abab", "abax"), ("aAao", "aAax"), ("..ao", "..ax"), ("aabb", "aabx"), ("abao", "cbcx"),
        ("a.a.", "a.bx"), ("aabo", "cAbx"),
    ),
    "blues": (
        ("ab..", "ab..", "cbx."), ("a.b.", "a.b.", "c.x."), ("aa..", "aa..", "bcx."), ("abo.", "abo.", "cax."),
        ("aab.", "aab.", "cbx."), ("a.ao", "a.ao", "bcx."), (".a.b", ".a.b", ".cx."), ("aA.b", "aA.b", "ccx."),
    ),
    "swing": (
        ("abao", "abcx"), ("aAbo", "aAbx"), ("ab.o", "abcx"), ("abco", "abcx"), ("a.bo", "a.bx"), ("aabo", "cabx"),
        ("abab", "abcx"), ("aAao", "bcax"), (".abo", ".abx"),
    ),
    "disco": (
        ("aabo", "aabx"), ("a.a.", "a.ax"), ("abab", "abax"), ("aAao", "aAax"), ("abao", "abax"), ("a.bo", "a.bx"),
        ("aabb", "aabx"), (".a.a", ".abx"), ("aAbo", "aAbx"),
    ),
    "loop": (
        ("aba.", "abax"), ("a.a.", "a.ax"), ("abab", "abax"), ("aab.", "aabx"), ("aaaa", "aabx"), ("a.b.", "a.bx"),
        ("ab.b", "ab.x"), ("..a.", "..ax"), ("aAa.", "aAax"),
    ),
    "reggae": (
        ("a.ao", "a.ax"), ("aabo", "aabx"), ("ab.o", "ab.x"), ("a.b.", "a.bx"), ("abao", "abax"), ("a.a.", "b.bx"),
        (".a.o", ".a.x"), ("aAbo", "aAbx"), ("a..b", "a.bx"),
    ),
    "lyric": (
        ("abao", "abax"), ("aAbo", "aAbx"), ("abco", "abcx"), ("aabo", "aabx"), ("aAao", "bAbx"), ("abco", "aAbx"),
        ("abao", "cbax"), ("aabo", "cAbx"), ("abac", "abcx"), ("abbo", "aAcx"),
    ),
}  # fmt: skip
"""Plans of a section: one word a phrase, one letter a bar."""
