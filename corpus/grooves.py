"""Drum grooves and fills by genre: one string a voice, one character a step (16 in 4/4, 12 in 3/4), "." silence.

Kick, snare and colour are struck at x; cymbal c closed, o open, r ride; toms h high, l low, C crash.
"""

from dataclasses import dataclass

ENERGIES = ("soft", "mid", "hard")


@dataclass(frozen=True)
class Groove:
    """A bar of drums; a voice that is left out is silent."""

    kick: str = ""
    snare: str = ""
    cymbal: str = ""
    toms: str = ""
    colour: str = ""


GROOVES: dict[str, dict[str, tuple[Groove, ...]]] = {
    "blues": {
        "soft": (
            Groove("x.......x.......", "....x.......x...", "ccc.ccc.ccc.ccc."),
            Groove("x.......x.......", "....x.......x...", "r.r.r.r.r.r.r.r.", colour="....x.......x..."),
        ),
        "mid": (
            Groove("x.......x.x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.....x.x.......", "....x.......x...", "r...r.r.r...r.r.", colour="....x.......x..."),
        ),
        "hard": (
            Groove("x...x...x...x...", "....x.......x...", "r.r.r.r.r.r.r.r."),
            Groove("x.....x.x.....x.", "....x.......x...", "o.c.o.c.o.c.o.c."),
        ),
    },
    "classical": {
        "soft": (Groove(),),
        "mid": (Groove(),),
        "hard": (
            Groove(toms="l.......l.....h."),
            Groove("x...............", toms="l.......h......."),
            Groove(toms="l...........l.l."),
        ),
    },
    "country": {
        "soft": (
            Groove("x.......x.......", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.......", "....x.......x.x.", "....c.......c..."),
        ),
        "mid": (
            Groove("x.......x.......", "xxxxxxxxxxxxxxxx"),
            Groove("x.......x.......", "..x...x...x...x.", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.......", "..xx..xx..xx..xx", colour="....x.......x..."),
        ),
        "hard": (
            Groove("x.......x.......", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="..x...x...x...x."),
            Groove("x.....x.x.......", "....x.......x...", "r.r.r.r.r.r.r.r."),
        ),
    },
    "disco": {
        "soft": (
            Groove("x...x...x...x...", cymbal="c.o.c.o.c.o.c.o."),
            Groove("x...x...x...x...", "....x.......x...", "..o...o...o...o."),
        ),
        "mid": (
            Groove("x...x...x...x...", "....x.......x...", "c.o.c.o.c.o.c.o.", colour="....x.......x..."),
            Groove("x...x...x...x...", "....x.......x...", "ccocccocccocccoc"),
        ),
        "hard": (
            Groove("x...x...x...x...", "....x.......x...", "ccocccocccocccoc", colour="....x.......x..."),
            Groove("x...x...x...x...", "....x.......x..x", "ccocccocccocccoc", colour="....x.......x..x"),
        ),
    },
    "hiphop": {
        "soft": (
            Groove("x.........x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x......x..x.....", "....x.......x...", "c...c...c...c.c."),
        ),
        "mid": (
            Groove("x......x..x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.x....x..x..x..", "....x..x.x..x...", "c.c.c.c.c.c.c.o."),
            Groove("x..x......x.....", "....x.......x..x", "c.c.c.ccc.c.c.c."),
            Groove("x.....x..xx.....", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="............x..."),
        ),
        "hard": (
            Groove("x......x..x...x.", "........x.......", "c.c.c.ccc.c.cccc", colour="........x......."),
            Groove("x..x..x...x..x..", "....x..x....x...", "cccoc.c.c.c.ccc.", colour="....x.......x..."),
            Groove("x.x....x..x..x.x", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
        ),
    },
    "jazz": {
        "soft": (
            Groove("x...............", "....x.......x...", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.......x.......", "..x...x...x...x.", "r...r...r...r...", colour="....x.......x..."),
        ),
        "mid": (
            Groove("x...............", "..............x.", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.........x.....", "......x.........", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.....x.........", "..x.......x.....", "r...r.r.r...r.r.", colour="....x.......x..."),
        ),
        "hard": (
            Groove("x.....x...x.....", "..x.......x...x.", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x...x...x...x...", "......x.......x.", "r.r.r.r.r.r.r.r.", colour="....x.......x..."),
        ),
    },
    "metal": {
        "soft": (
            Groove("x.......x.x.....", "....x.......x...", "r...r...r...r..."),
            Groove("x.......x.......", "........x.......", "o...o...o...o..."),
        ),
        "mid": (
            Groove("x.xxx.xxx.xxx.xx", "....x.......x...", "o...o...o...o..."),
            Groove("x.x...x.x.x...x.", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x..x..x.x..x..x.", "........x.......", "o...o...o...o..."),
        ),
        "hard": (
            Groove("xxxxxxxxxxxxxxxx", "....x.......x...", "r...r...r...r..."),
            Groove("x.x.x.x.x.x.x.x.", "..x...x...x...x.", "o...o...o...o..."),
            Groove("x.xxx.xxx.xxx.xx", "....x.......x...", "r.r.r.r.r.r.r.r."),
            Groove("x.x.x.x.x.x.x.x.", ".x.x.x.x.x.x.x.x", "r...r...r...r..."),
        ),
    },
    "pop": {
        "soft": (
            Groove("x.......x.......", "....x.......x...", "c...c...c...c..."),
            Groove("x.......x.x.....", cymbal="c.c.c.c.c.c.c.c.", colour="....x.......x..."),
        ),
        "mid": (
            Groove("x.....x.x.......", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.x.....", "....x.......x...", "c.c.c.c.c.c.c.o."),
            Groove("x..x..x...x.....", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
        ),
        "hard": (
            Groove("x...x...x...x...", "....x.......x...", "..o...o...o...o.", colour="....x.......x..."),
            Groove("x.....x.x.x.....", "....x.......x...", "r.r.r.r.r.r.r.r.", colour="..x...x...x...x."),
            Groove("x...x...x...x...", "....x.......x...", "ccocccocccocccoc"),
        ),
    },
    "reggae": {
        "soft": (
            Groove("....x.......x...", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("....x.......x...", "....x.......x...", "..c...c...c...c."),
        ),
        "mid": (
            Groove("....x.......x...", "....x.......x...", "c.c.c.c.c.c.c.o."),
            Groove("....x.......x...", "....x..x....x...", "c.ccc.c.c.ccc.c."),
            Groove("x.......x.......", "....x.......x...", "c.c.c.c.c.c.c.o."),
        ),
        "hard": (
            Groove("x...x...x...x...", "....x.......x...", "c.c.c.c.c.c.c.o."),
            Groove("x...x...x...x...", "....x..x....x.x.", "c.ccc.ccc.ccc.o."),
        ),
    },
    "rock": {
        "soft": (
            Groove("x.......x.......", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.x.....", "........x.......", "r...r...r...r..."),
        ),
        "mid": (
            Groove("x.......x.x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.x.....x.x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.....x...x.....", "....x.......x...", "c.c.c.c.c.c.c.o."),
        ),
        "hard": (
            Groove("x.....x.x.x.....", "....x.......x...", "o...o...o...o..."),
            Groove("x.x...x.x.x...x.", "....x.......x...", "r.r.r.r.r.r.r.r."),
            Groove("x.x.x...x.x.x...", "....x.......x...", "o.o.o.o.o.o.o.o.", colour="x...x...x...x..."),
        ),
    },
}
FILLS: dict[str, tuple[Groove, ...]] = {
    "blues": (
        Groove("x.......x.......", "....x...xxx.xxx.", "c.c.c.c........."),
        Groove("x.......x.......", "....x...........", "c.c.c.c.........", "........hhh.lll."),
        Groove("x.......x.......", "....x.......xxx.", "c.c.c.c.c.c....."),
    ),
    "classical": (Groove(toms="l...l...l.l.llll"), Groove("x...............", toms="........llllllll")),
    "country": (
        Groove("x.......x.......", "xxxxxxxxxxxxxxxx", toms="............h.l."),
        Groove("x.......x.......", "..x...x...xxxxxx"),
        Groove("x.......x.......", "....x.......x.x.", "c.c.c.c.c.c....."),
        Groove("x.....x.x.......", "....x.........xx", "c.c.c.c.c.c.c..."),
    ),
    "disco": (
        Groove("x...x...x...x...", "....x...x.xxxxxx", "ccocccoc........"),
        Groove("x...x...x...x...", "....x.......x...", "ccocccoc........", "........hhh.lll."),
        Groove("x...x...x...x...", "....x...x..x..x.", "ccocccoc........", colour="........x..x..x."),
    ),
    "hiphop": (
        Groove("x......x........", "....x.......x.xx", "c.c.c.c.c.c....."),
        Groove("x.........x.....", "....x.......xxxx", "c.c.c.c.c......."),
        Groove("x......x..x..x..", "....x....x.xx.x.", "c.c.c.c........."),
    ),
    "jazz": (
        Groove("x.......x.......", "..x...x.x.x.xxx.", "r...r...........", colour="....x.......x..."),
        Groove("x.....x.....x...", "....xxx.........", "r...............", "........hhh.l.l.", "....x.......x..."),
        Groove("x...............", "......x.x.x...x.", "r...r.r.r.......", colour="....x.......x..."),
    ),
    "metal": (
        Groove("x.x.x.x.x.x.x.x.", "xx..xx..xx..xx..", toms="..hh..hh..ll..ll"),
        Groove("xxxxxxxxxxxxxxxx", "....x...xxxx....", toms="............hhll"),
        Groove("x.......x.x.x.x.", "....x....x.x.x.x", "o...o...........", "........h.h.l.l."),
    ),
    "pop": (
        Groove("x.......x.......", "....x.......x.x.", "c.c.c.c.c.c....."),
        Groove("x.....x.x.......", "....x.........xx", "c.c.c.c.c.c.c..."),
        Groove("x.......x.......", "............xxxx", "c.c.c.c.c.c....."),
        Groove("x.......x...x...", "........xx......", toms="..........hhhhll"),
        Groove("x...............", "....x...x.x.....", "c.c.c.c.........", "........h.h.l.l."),
    ),
    "reggae": (
        Groove("....x.......x...", "....x...........", "c.c.c.c.........", "........h.hh..l."),
        Groove("....x...........", "....x...........", "c.c.............", "......hhh.h.l.l."),
        Groove("x...........x...", "....x...x.xx....", "c.c.c.c.........", colour="............x..."),
    ),
    "rock": (
        Groove("x.......x.......", "............xxxx", "c.c.c.c.c.c....."),
        Groove("x.......x...x...", "........xx......", toms="..........hhhhll"),
        Groove("x...............", "....x...x.x.....", "c.c.c.c.........", "........h.h.l.l."),
        Groove("x.....x.x.......", "....x.....x.x.xx", "c.c.c.c.c......."),
    ),
}
WALTZES: dict[str, Groove] = {
    "classical": Groove(),
    "country": Groove("x...........", "....x...x...", "c.c.c.c.c.c."),
    "jazz": Groove("x...........", "........x...", "r...r.r.r...", colour="....x......."),
}
WALTZ_FILL = Groove("x...........", "....x...x.x.", "c...........")
