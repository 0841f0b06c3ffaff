"""Drum grooves and fills by genre: one string a voice, one character a step (16 here, in 4/4), "." silence.

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
            Groove("x.......x.......", "............x...", "r...r.r.r...r.r."),
            Groove("x.......x.....x.", "....x.......x...", "c...c.c.c...c.c."),
            Groove("x.........x.....", "", "r.r.r.r.r.r.r.r.", colour="....x.......x..."),
        ),
        "mid": (
            Groove("x.......x.x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.....x.x.......", "....x.......x...", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.......x.....x.", "....x.......x...", "c...c.c.c...c.c."),
            Groove("x...x...x...x...", "....x.......x...", "r...r.r.r...r.r."),
            Groove("x.....x...x.....", "....x.......x..x", "c.c.c.c.c.c.c.o."),
        ),
        "hard": (
            Groove("x...x...x...x...", "....x.......x...", "r.r.r.r.r.r.r.r."),
            Groove("x.....x.x.....x.", "....x.......x...", "o.c.o.c.o.c.o.c."),
            Groove("x...x...x...x...", "....x.x.....x.x.", "o...o...o...o..."),
            Groove("x.......x.x.....", "..x.x.x...x.x.x.", "r.r.r.r.r.r.r.r."),
            Groove("x.x...x.x.x.....", "....x.......x...", "r...r.r.r...r.r."),
        ),
    },
    "classical": {
        "soft": (
            Groove(),
            Groove(toms="l..............."),
            Groove(toms="........l......."),
            Groove(),
            Groove(),
        ),
        "mid": (
            Groove(),
            Groove(toms="l.......l......."),
            Groove(),
            Groove(toms="l..............."),
            Groove(),
        ),
        "hard": (
            Groove(toms="l.......l.....h."),
            Groove("x...............", toms="l.......h......."),
            Groove(toms="l...........l.l."),
            Groove("x...............", toms="l...l...l...l..."),
            Groove(toms="l..ll...l..ll..."),
        ),
    },
    "country": {
        "soft": (
            Groove("x.......x.......", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.......", "....x.......x.x.", "....c.......c..."),
            Groove("x.......x.......", "....x.......x..."),
            Groove("x.......x.......", "..x...x...x...x.", "c...c...c...c..."),
            Groove("x.........x.....", "", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
        ),
        "mid": (
            Groove("x.......x.......", "xxxxxxxxxxxxxxxx"),
            Groove("x.......x.......", "..x...x...x...x.", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.......", "..xx..xx..xx..xx", colour="....x.......x..."),
            Groove("x.......x.......", "xx.xxx.xxx.xxx.x"),
            Groove("x.....x.x.......", "....x.......x...", "c.c.c.c.c.c.c.c."),
        ),
        "hard": (
            Groove("x.......x.......", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="..x...x...x...x."),
            Groove("x.....x.x.......", "....x.......x...", "r.r.r.r.r.r.r.r."),
            Groove("x.......x.......", "..xxx.xx..xxx.xx"),
            Groove("x...x...x...x...", "..x...x...x...x.", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.x.....", "....x.......x.x.", "o.c.o.c.o.c.o.c."),
        ),
    },
    "disco": {
        "soft": (
            Groove("x...x...x...x...", "", "c.o.c.o.c.o.c.o."),
            Groove("x...x...x...x...", "....x.......x...", "..o...o...o...o."),
            Groove("x...x...x...x...", "", "..c...c...c...c.", colour="....x.......x..."),
            Groove("x...x...x...x...", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.......", "....x.......x...", "c.o.c.o.c.o.c.o."),
        ),
        "mid": (
            Groove("x...x...x...x...", "....x.......x...", "c.o.c.o.c.o.c.o.", colour="....x.......x..."),
            Groove("x...x...x...x...", "....x.......x...", "ccocccocccocccoc"),
            Groove("x...x...x...x...", "....x.......x...", "..o...o...o...o.", colour="x..x..x...x.x..."),
            Groove("x...x...x...x.x.", "....x.......x...", "ccocccocccocccoc"),
            Groove("x...x...x...x...", "....x..x....x...", "c.occ.occ.occ.oc", colour="....x.......x..."),
        ),
        "hard": (
            Groove("x...x...x...x...", "....x.......x...", "ccocccocccocccoc", colour="....x.......x..."),
            Groove("x...x...x...x...", "....x.......x..x", "ccocccocccocccoc", colour="....x.......x..x"),
            Groove("x...x...x...x...", "....x.......x...", "..o...o...o...o.", colour="..x...x...x..xx."),
            Groove("x..xx...x...x.x.", "....x.......x...", "ccocccocccocccoc", colour="....x.......x..."),
            Groove("x...x...x...x...", "....x..x.x..x...", "cccocccocccocccc", colour="....x.......x..."),
        ),
    },
    "hiphop": {
        "soft": (
            Groove("x.........x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x......x..x.....", "....x.......x...", "c...c...c...c.c."),
            Groove("x.........x.....", "....x.......x...", "r...r...r...r..."),
            Groove("x..x......x.....", "........x.......", "c.c.c.c.c.c.c.c."),
            Groove("x.........xx....", "", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
        ),
        "mid": (
            Groove("x......x..x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.x....x..x..x..", "....x..x.x..x...", "c.c.c.c.c.c.c.o."),
            Groove("x..x......x.....", "....x.......x..x", "c.c.c.ccc.c.c.c."),
            Groove("x.....x..xx.....", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="............x..."),
            Groove("x.x.......x.....", "....x.......x...", "c.ccc.c.c.ccc.c."),
            Groove("x.....xx..x.....", "....x....x..x...", "c.c.c.c.c.c.o.c."),
        ),
        "hard": (
            Groove("x......x..x...x.", "........x.......", "c.c.c.ccc.c.cccc", colour="........x......."),
            Groove("x..x..x...x..x..", "....x..x....x...", "cccoc.c.c.c.ccc.", colour="....x.......x..."),
            Groove("x.x....x..x..x.x", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
            Groove("x.....x....x..x.", "........x.......", "c.cccc.cc.ccc.cc"),
            Groove("x.......x..x....", "....x.......x...", "c.c.cccc.cc.c.c.", colour="....x.......x..."),
            Groove("xx.....x..xx....", "....x.......x..x", "c.c.c.c.c.c.c.o."),
        ),
    },
    "jazz": {
        "soft": (
            Groove("x...............", "....x.......x...", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.......x.......", "..x...x...x...x.", "r...r...r...r...", colour="....x.......x..."),
            Groove("x.........x.....", "......x.....x...", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.....x.x.....x.", "", "c.c.c.c.c.c.c.c.", colour="x..x..x...x..x.."),
            Groove("x...............", "....x.......x...", "r...r...r...r..."),
        ),
        "mid": (
            Groove("x...............", "..............x.", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.........x.....", "......x.........", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.....x.........", "..x.......x.....", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.....x.x.....x.", "", "r.r.r.r.r.r.r.r.", colour="x..x..x...x..x.."),
            Groove("x...x...x...x...", "....x.......x...", "r...r.r.r...r.r."),
            Groove("x.......x.......", "..............x.", "r...r.r.r...r.r.", colour="............x..."),
        ),
        "hard": (
            Groove("x.....x...x.....", "..x.......x...x.", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x...x...x...x...", "......x.......x.", "r.r.r.r.r.r.r.r.", colour="....x.......x..."),
            Groove("x.........x.....", "..x..x......x.x.", "r...r.r.r...r.r.", colour="....x.......x..."),
            Groove("x.....x...x...x.", "..x.x.....x.x...", "r.r.r.r.r.r.r.r.", colour="....x.......x..."),
            Groove("x.....x.x.....x.", "...x..x...x..x..", "r.r.r.r.r.r.r.r.", colour="....x.......x..."),
        ),
    },
    "metal": {
        "soft": (
            Groove("x.......x.x.....", "....x.......x...", "r...r...r...r..."),
            Groove("x.......x.......", "........x.......", "o...o...o...o..."),
            Groove("x.......x.......", "....x.......x...", "r...r...r...r..."),
            Groove("x.........x.....", "........x.......", "r.r.r.r.r.r.r.r."),
            Groove("x.......x.......", toms="l.l.h.l.l.l.h.l."),
        ),
        "mid": (
            Groove("x.xxx.xxx.xxx.xx", "....x.......x...", "o...o...o...o..."),
            Groove("x.x...x.x.x...x.", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x..x..x.x..x..x.", "........x.......", "o...o...o...o..."),
            Groove("x.x.x.x.x.x.x.x.", "....x.......x...", "o...o...o...o..."),
            Groove("x.xx..x.x.xx..x.", "....x.......x...", "c.c.c.c.c.c.c.c."),
        ),
        "hard": (
            Groove("xxxxxxxxxxxxxxxx", "....x.......x...", "r...r...r...r..."),
            Groove("x.x.x.x.x.x.x.x.", "..x...x...x...x.", "o...o...o...o..."),
            Groove("x.xxx.xxx.xxx.xx", "....x.......x...", "r.r.r.r.r.r.r.r."),
            Groove("x.x.x.x.x.x.x.x.", ".x.x.x.x.x.x.x.x", "r...r...r...r..."),
            Groove("xx.xxx.xxx.xxx.x", "........x.......", "o...o...o...o..."),
        ),
    },
    "pop": {
        "soft": (
            Groove("x.......x.......", "....x.......x...", "c...c...c...c..."),
            Groove("x.......x.x.....", "", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
            Groove("x.......x.......", "........x.......", "c.c.c.c.c.c.c.c."),
            Groove("x.....x.x.......", "", "r...r...r...r...", colour="....x.......x..."),
            Groove("x...x...x...x...", "", "..c...c...c...c.", colour="....x.......x..."),
        ),
        "mid": (
            Groove("x.....x.x.......", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.x.....", "....x.......x...", "c.c.c.c.c.c.c.o."),
            Groove("x..x..x...x.....", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
            Groove("x...x...x...x...", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.....x...x.....", "....x.......x...", "ccccccccccccccoc"),
        ),
        "hard": (
            Groove("x...x...x...x...", "....x.......x...", "..o...o...o...o.", colour="....x.......x..."),
            Groove("x.....x.x.x.....", "....x.......x...", "r.r.r.r.r.r.r.r.", colour="..x...x...x...x."),
            Groove("x...x...x...x...", "....x.......x...", "ccocccocccocccoc"),
            Groove("x..x..x.x..x..x.", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
            Groove("x.....xxx.x.....", "....x.......x...", "o...o...o...o..."),
        ),
    },
    "reggae": {
        "soft": (
            Groove("....x.......x...", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("....x.......x...", "....x.......x...", "..c...c...c...c."),
            Groove("....x.......x...", "............x...", "c.c.c.c.c.c.c.c."),
            Groove("....x.......x...", "", "c.ccc.ccc.ccc.cc", colour="....x.......x..."),
            Groove("....x.......x...", "", "c.c.c.c.c.c.c.c.", colour="....x.......x..."),
        ),
        "mid": (
            Groove("....x.......x...", "....x.......x...", "c.c.c.c.c.c.c.o."),
            Groove("....x.......x...", "....x..x....x...", "c.ccc.c.c.ccc.c."),
            Groove("x.......x.......", "....x.......x...", "c.c.c.c.c.c.c.o."),
            Groove("....x.......x...", "............x...", "c.ccc.c.c.c.c.o."),
            Groove("x.......x.....x.", "....x.......x...", "c.c.c.c.c.c.c.c.", colour="...x..x....x...."),
        ),
        "hard": (
            Groove("x...x...x...x...", "....x.......x...", "c.c.c.c.c.c.c.o."),
            Groove("x...x...x...x...", "....x..x....x.x.", "c.ccc.ccc.ccc.o."),
            Groove("x...x...x...x...", "....x.......x...", "c.ccc.c.c.ccc.o.", colour="....x.......x..."),
            Groove("x.......x.x.....", "....x.......x...", "c.c.c.o.c.c.c.o."),
            Groove("x...x...x...x...", "", "..o...o...o...o.", colour="...x..x....x..x."),
        ),
    },
    "rock": {
        "soft": (
            Groove("x.......x.......", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.......x.x.....", "........x.......", "r...r...r...r..."),
            Groove("x.......x.x.....", "", "c...c...c...c...", colour="....x.......x..."),
            Groove("x.....x.x.......", "....x.......x...", "r...r...r...r..."),
            Groove("x.......x.......", toms="l.l.h.l.l.l.h.l."),
        ),
        "mid": (
            Groove("x.......x.x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.x.....x.x.....", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x.....x...x.....", "....x.......x...", "c.c.c.c.c.c.c.o."),
            Groove("x...x...x...x...", "....x.......x...", "c.c.c.c.c.c.c.c."),
            Groove("x..x..x.x.x.....", "....x.......x...", "r.r.r.r.r.r.r.r."),
        ),
        "hard": (
            Groove("x.....x.x.x.....", "....x.......x...", "o...o...o...o..."),
            Groove("x.x...x.x.x...x.", "....x.......x...", "r.r.r.r.r.r.r.r."),
            Groove("x.x.x...x.x.x...", "....x.......x...", "o.o.o.o.o.o.o.o.", colour="x...x...x...x..."),
            Groove("x.x..xx...x.x...", "....x.......x...", "o...o...o...o..."),
            Groove("x..x..x..x..x...", "....x.......x..x", "r...r...r...r..."),
        ),
    },
}
FILLS: dict[str, tuple[Groove, ...]] = {
    "blues": (
        Groove("x.......x.......", "....x...xxx.xxx.", "c.c.c.c........."),
        Groove("x.......x.......", "....x...........", "c.c.c.c.........", toms="........hhh.lll."),
        Groove("x.......x.......", "....x.......xxx.", "c.c.c.c.c.c....."),
        Groove("x.......x.......", "....x.x.x.x.x.x.", "r.r............."),
        Groove("x.......x.......", "....x...........", "r.r.r...........", toms="........h.h.l.l."),
    ),
    "classical": (
        Groove(toms="l...l...l.l.llll"),
        Groove("x...............", toms="........llllllll"),
        Groove(toms="l.......l...l.l."),
        Groove("x...............", toms="l.l.l.l.llllllll"),
        Groove(toms="............llll"),
    ),
    "country": (
        Groove("x.......x.......", "xxxxxxxxxxxxxxxx", toms="............h.l."),
        Groove("x.......x.......", "..x...x...xxxxxx"),
        Groove("x.......x.......", "....x.......x.x.", "c.c.c.c.c.c....."),
        Groove("x.....x.x.......", "....x.........xx", "c.c.c.c.c.c.c..."),
        Groove("x.......x.......", "....x...x.xxx.x.", "c.c.c.c........."),
    ),
    "disco": (
        Groove("x...x...x...x...", "....x...x.xxxxxx", "ccocccoc........"),
        Groove("x...x...x...x...", "....x.......x...", "ccocccoc........", toms="........hhh.lll."),
        Groove("x...x...x...x...", "....x...x..x..x.", "ccocccoc........", colour="........x..x..x."),
        Groove("x...x...x...x...", "....x...xxxx....", "ccocccoc........", toms="............hhll"),
        Groove("x...x...x...x...", "....x......x.xxx", "ccocccocccoc...."),
    ),
    "hiphop": (
        Groove("x......x........", "....x.......x.xx", "c.c.c.c.c.c....."),
        Groove("x.........x.....", "....x.......xxxx", "c.c.c.c.c......."),
        Groove("x......x..x..x..", "....x....x.xx.x.", "c.c.c.c........."),
        Groove("x......x........", "....x...........", "c.c.c.c.c.c.....", toms="............h.ll"),
        Groove("x.x.............", "....x..x.x..x...", "c.c.c.c.c.c.c..."),
    ),
    "jazz": (
        Groove("x.......x.......", "..x...x.x.x.xxx.", "r...r...........", colour="....x.......x..."),
        Groove(
            "x.....x.....x...",
            "....xxx.........",
            "r...............",
            toms="........hhh.l.l.",
            colour="....x.......x...",
        ),
        Groove("x...............", "......x.x.x...x.", "r...r.r.r.......", colour="....x.......x..."),
        Groove(
            "x.......x.x.....",
            "....x.xxx.x.....",
            "r...r.r.........",
            toms="............h.l.",
            colour="....x...........",
        ),
        Groove("x...x...x...x...", "xxxx..xxx...xxx.", "r..............."),
    ),
    "metal": (
        Groove("x.x.x.x.x.x.x.x.", "xx..xx..xx..xx..", toms="..hh..hh..ll..ll"),
        Groove("xxxxxxxxxxxxxxxx", "....x...xxxx....", toms="............hhll"),
        Groove("x.......x.x.x.x.", "....x....x.x.x.x", "o...o...........", toms="........h.h.l.l."),
        Groove("x.x.x.x.x.x.x.x.", "....x...xxxxxxxx", "o...o..........."),
        Groove("x.xxx.xxx.......", "....x...........", "o...o...........", toms="........hhhhllll"),
    ),
    "pop": (
        Groove("x.......x.......", "....x.......x.x.", "c.c.c.c.c.c....."),
        Groove("x.....x.x.......", "....x.........xx", "c.c.c.c.c.c.c..."),
        Groove("x.......x.......", "............xxxx", "c.c.c.c.c.c....."),
        Groove("x.......x...x...", "........xx......", toms="..........hhhhll"),
        Groove("x...............", "....x...x.x.....", "c.c.c.c.........", toms="........h.h.l.l."),
    ),
    "reggae": (
        Groove("....x.......x...", "....x...........", "c.c.c.c.........", toms="........h.hh..l."),
        Groove("....x...........", "....x...........", "c.c.............", toms="......hhh.h.l.l."),
        Groove("x...........x...", "....x...x.xx....", "c.c.c.c.........", colour="............x..."),
        Groove("....x...........", "....x..x..x.xxx.", "c.c.c..........."),
        Groove("x.............x.", "..x..x..x..x....", "c..............."),
    ),
    "rock": (
        Groove("x.......x.......", "............xxxx", "c.c.c.c.c.c....."),
        Groove("x.......x...x...", "........xx......", toms="..........hhhhll"),
        Groove("x...............", "....x...x.x.....", "c.c.c.c.........", toms="........h.h.l.l."),
        Groove("x.....x.x.......", "....x.....x.x.xx", "c.c.c.c.c......."),
        Groove("x.x.....x.......", "....x...xxxx....", "c.c.c.c.........", toms="............hhll"),
    ),
}
