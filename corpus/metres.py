"""How the genres are played in other metres than 4/4, and how often they are.

Patterns are those of corpus.styles, corpus.grooves and corpus.rhythms, one character a step: 12 steps in 3/4 (three
beats of four), 12 in 6/8 (two dotted beats of six, an eighth is two steps), 20 in 5/4 (three beats and two). The first
genre of a metre lends its ways to the genres that are hardly ever heard in it.
"""

from dataclasses import dataclass

from corpus.grooves import Groove

By = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class MetreStyle:
    """A genre in a metre: tables by energy (drums, bass, chords, second voice) or density (tune), as in 4/4."""

    grooves: dict[str, tuple[Groove, ...]]
    fills: tuple[Groove, ...]
    bass: By
    accompaniment: By
    extra: By
    rhythms: By
    cadences: tuple[str, ...]


_WALTZ_CADENCES = ("x---x---x---", "x-----------", "x-x-x-------", "x---x-------", "x-----x-----")
_LILT_CADENCES = ("x---x-x-----", "x-x-x-x-----", "x-----x---..", "x-----------", "x---x-x---..")
_FIVE_CADENCES = (
    "x---x---x---x-------",
    "x-x-x-------x-----..",
    "x-----------x-------",
    "x---x-x-----x-----..",
    "x-x-x---x-----------",
)
_SILENCE = Groove()

_WALTZ: dict[str, MetreStyle] = {
    "pop": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "", "c...c...c...", colour="........x..."),
                Groove("x...........", "........x...", "c.c.c.c.c.c."),
                Groove("x...........", "", "r...r...r..."),
            ),
            "mid": (
                Groove("x...........", "....x...x...", "c.c.c.c.c.c."),
                Groove("x.....x.....", "........x...", "c.c.c.c.c.c."),
                Groove("x.........x.", "....x.......", "c.c.c.c.c.o."),
            ),
            "hard": (
                Groove("x.....x.....", "....x...x...", "c.c.c.c.c.c.", colour="....x...x..."),
                Groove("x.x.........", "....x...x.x.", "o...o...o..."),
                Groove("x...x...x...", "........x...", "..o...o...o.", colour="........x..."),
            ),
        },
        fills=(
            Groove("x...........", "....x...x.x.", "c..........."),
            Groove("x...........", "....x.......", "c.c.c.c.....", "........h.l."),
            Groove("x.......x...", "......xxxx..", "c.c.c.......", "..........ll"),
        ),
        bass={
            "soft": ("R-----------", "R-------5---", "R---....5---"),
            "mid": ("R-----R-5---", "R---5---8---", "R-------R-a-", "R-----5-8---"),
            "hard": ("R-R-R-R-R-R-", "R---R-R-5-a-", "R-8-R-8-5-a-"),
        },
        accompaniment={
            "soft": ("0-1-2-3-2-1-", "0-2-3-4-3-2-", "w-----------", "b-----------"),
            "mid": ("b---b---b---", "b---b-b-b---", "d---d-u-d-u-", "0-2-3-2-4-2-"),
            "hard": ("b-b-b-b-b-b-", "b---h-h-h-h-", "d-d-d-u-d-u-"),
        },
        extra={
            "soft": ("P-----------", "counter", "none"),
            "mid": ("P-----------", "counter", "harmony", "arp"),
            "hard": ("P-----------", "arp", "harmony", "H...H...H..."),
        },
        rhythms={
            "soft": ("x-------x---", "x-----------", "x-----x-x---", "..x-x-x-----", "x-------x-x-"),
            "mid": ("x---x-x-x---", "x-x-x---x-x-", "..x-x-x-x---", "x-----x-x-x-", "x-x-x-----x-"),
            "hard": ("x-x-x-x-x-x-", "x--x--x-x-x-", "x-x-xxx-x-x-", "..x-x-xxx-x-"),
        },
        cadences=_WALTZ_CADENCES,
    ),
    "classical": MetreStyle(
        grooves={
            "soft": (_SILENCE, _SILENCE, Groove(toms="l...........")),
            "mid": (_SILENCE, _SILENCE, Groove(toms="l.......l...")),
            "hard": (
                Groove(toms="l.......l.l."),
                Groove("x...........", toms="l..........."),
                Groove(toms="l...l...l..."),
            ),
        },
        fills=(Groove(toms="l...l.l.llll"), Groove("x...........", toms="......llllll"), Groove(toms="....l...l.l.")),
        bass={
            "soft": ("R-----------", "R---........", "R-------s---", "s-----------"),
            "mid": ("R---........", "R-------5---", "R---5---8---", "s---s---a---"),
            "hard": ("R---R---R---", "R---5---a---", "R-R-s-s-s-s-", "8---5---R---"),
        },
        accompaniment={
            "soft": ("....b---b---", "0-1-2-3-2-1-", "w-----------", "0-2-3-2-3-2-"),
            "mid": ("....b-..b-..", "0-2-1-2-1-2-", "....h---h---", "012321012321", "b---..b-b---"),
            "hard": ("....h-h-h-h-", "0-3-2-3-1-3-", "b-..b-b-b-b-", "012101210121"),
        },
        extra={
            "soft": ("counter", "harmony", "P-----------"),
            "mid": ("counter", "harmony", "P-------P---"),
            "hard": ("harmony", "P-----------", "S---S-S-S---"),
        },
        rhythms={
            "soft": ("x-------x---", "x-----------", "x-----x-x---", "x---x-------", "x---------x-"),
            "mid": ("x---x---x---", "x---x-x-x---", "x-------x-x-", "x-x-x---x---", "x-----xxx---", "x-x-x-x-x---"),
            "hard": ("x-x-x-x-x-x-", "x---x-x-x-x-", "x-xxx-x-x-x-", "xxxxx-x-x---", "x-x-xxxxx-x-"),
        },
        cadences=_WALTZ_CADENCES,
    ),
    "country": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "....x...x..."),
                Groove("x...........", "", "....c...c..."),
                Groove("x...........", "....x...x...", "c...c...c..."),
            ),
            "mid": (
                Groove("x...........", "....x...x...", "c.c.c.c.c.c."),
                Groove("x...........", "..x.x.x.x.x."),
                Groove("x...........", "....x...x.x.", "c...c...c..."),
            ),
            "hard": (
                Groove("x...........", "....x...x...", "r.r.r.r.r.r.", colour="....x...x..."),
                Groove("x.........x.", "....x.x.x...", "c.c.c.c.c.c."),
                Groove("x...........", "x.x.x.xxx.x."),
            ),
        },
        fills=(
            Groove("x...........", "....x...x.x.", "c...c......."),
            Groove("x...........", "....x.x.xxxx"),
            Groove("x...........", "....x.......", "c.c.........", "........h.l."),
        ),
        bass={
            "soft": ("R-----------", "R---........", "R-------L---"),
            "mid": ("R---........", "R-----....a-", "L---........", "R---....5---"),
            "hard": ("R---3---5---", "R---R---a---", "R---5---L---"),
        },
        accompaniment={
            "soft": ("0-2-3-2-3-2-", "0---d---d---", "0-1-2-3-2-1-"),
            "mid": ("....d---d---", "....d-u-d-u-", "d---d-u-d-u-", "....b---b---"),
            "hard": ("d---d-u-d-u-", "d-d-d-u-d-u-", "....b-b-b-b-"),
        },
        extra={
            "soft": ("counter", "P-----------", "harmony"),
            "mid": ("roll", "harmony", "counter"),
            "hard": ("roll", "harmony", "response"),
        },
        rhythms={
            "soft": ("x-------x---", "x---x---x---", "x-----x-x---", "....x---x---"),
            "mid": ("x---x---x-x-", "x-x-x---x---", "....x-x-x-x-", "x-----x-x---", "x---x-x-x---"),
            "hard": ("x-x-x-x-x---", "x-x-x-x-x-x-", "x---xxx-x-x-", "x-xxx-x-x---"),
        },
        cadences=_WALTZ_CADENCES,
    ),
    "jazz": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "........x...", "r...r...r...", colour="....x......."),
                Groove("x...........", "....x...x...", "r...r...r...", colour="....x......."),
                Groove("x...........", "", "r...r.r.r...", colour="....x......."),
            ),
            "mid": (
                Groove("x...........", "........x...", "r...r.r.r...", colour="....x......."),
                Groove("x.....x.....", "..........x.", "r...r.r.r...", colour="....x...x..."),
                Groove("x...........", "......x.....", "r.r.r...r.r.", colour="....x......."),
            ),
            "hard": (
                Groove("x.....x.....", "......x...x.", "r...r.r.r.r.", colour="....x...x..."),
                Groove("x...x...x...", "..x.......x.", "r.r.r.r.r.r.", colour="....x......."),
                Groove("x.........x.", "....x.x.....", "r...r.r.r...", colour="....x......."),
            ),
        },
        fills=(
            Groove("x...........", "..x.x.x.xxx.", "r...........", colour="....x......."),
            Groove("x.......x...", "....xx......", "r...r.......", "......h.l.l.", "....x......."),
            Groove("x...........", "......x.x.x.", "r.r.r.......", colour="....x......."),
        ),
        bass={
            "soft": ("R-----------", "R-------5---", "R-------a---"),
            "mid": ("R---3---5---", "R---5---a---", "R-----5-a---", "R---2---3---"),
            "hard": ("R---3---a---", "R---5-6-a---", "8---7---a---", "R---7---5---"),
        },
        accompaniment={
            "soft": ("l-------....", "....l-------", "o-----......"),
            "mid": ("....l-..l-..", "l-----l-....", "..l-....l-..", "......l-..l-"),
            "hard": ("..s...s...s.", "l.....l...s.", "....s.l---s."),
        },
        extra={
            "soft": ("none", "counter", "P-----------"),
            "mid": ("none", "response", "counter"),
            "hard": ("none", "response", "H.....H....."),
        },
        rhythms={
            "soft": ("x-------x-x-", "x-----x-----", "..x-x-------", "x---x-x-----"),
            "mid": ("x-x-x---x-x-", "..x-x-x-x---", "x---x-x-x-x-", "x-----x-x-x-", "....x-x-x-x-"),
            "hard": ("x-x-x-x-x-x-", "..x-x-x-x-x-", "x-xxx-x-x-x-", "x-x-xxx-x---"),
        },
        cadences=_WALTZ_CADENCES,
    ),
    "rock": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "........x...", "r...r...r..."),
                Groove("x...........", "....x.......", "c.c.c.c.c.c."),
                Groove("x.......x...", "", "c...c...c...", colour="....x......."),
            ),
            "mid": (
                Groove("x.....x.....", "....x...x...", "c.c.c.c.c.c."),
                Groove("x.x.........", "........x...", "c.c.c.c.c.c."),
                Groove("x...x.......", "........x...", "r.r.r.r.r.r."),
            ),
            "hard": (
                Groove("x.x.....x.x.", "....x.......", "o...o...o..."),
                Groove("x.x.x.......", "........x...", "o.o.o.o.o.o."),
                Groove("x.....x...x.", "....x...x...", "r.r.r.r.r.r."),
            ),
        },
        fills=(
            Groove("x...........", "........xxxx", "c.c.c.c....."),
            Groove("x.......x...", "....xx......", "c...........", "......hhhhll"),
            Groove("x...........", "....x.......", "c.c.c.......", "......h.h.l."),
        ),
        bass={
            "soft": ("R-----------", "R-----R-5---", "R---R---R---"),
            "mid": ("R-R-R-R-R-R-", "R---R-R-5-a-", "R-----R-R-R-"),
            "hard": ("R-R-R-8-R-R-", "R-RRR-RRR-R-", "R-R-R-R-5-a-"),
        },
        accompaniment={
            "soft": ("0-2-3-4-3-2-", "d-----------", "d-------d-u-"),
            "mid": ("p---p---p---", "p-p-p-p-p-p-", "p---c.c.p---", "d---d-u-d-u-"),
            "hard": ("p-p-p-p-p-p-", "p--p--p-p-p-", "p-------p-p-"),
        },
        extra={
            "soft": ("P-----------", "none", "counter"),
            "mid": ("none", "P-----------", "harmony"),
            "hard": ("double", "P-----------", "harmony"),
        },
        rhythms={
            "soft": ("x-------x---", "x-----------", "x-----x-----", "....x---x---"),
            "mid": ("x--x--x-x---", "x-x-x---x-x-", "..x-x-x-x---", "x---x-x-..x-"),
            "hard": ("x-xxx-x-x-x-", "x--x--x--x--", "xxx-x-x-xxx-", "x-x-x-x-x-x-"),
        },
        cadences=_WALTZ_CADENCES,
    ),
}
_COMPOUND: dict[str, MetreStyle] = {
    "pop": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "......x.....", "c.c.c.c.c.c."),
                Groove("x...........", "", "c.....c.....", colour="......x....."),
                Groove("x.........x.", "......x.....", "r...r.r...r."),
            ),
            "mid": (
                Groove("x...........", "......x.....", "c.c.c.c.c.c.", colour="......x....."),
                Groove("x...x.......", "......x.....", "c.c.c.c.c.o."),
                Groove("x.........x.", "......x.....", "c.c.c.c.c.c."),
            ),
            "hard": (
                Groove("x...x.....x.", "......x.....", "r.r.r.r.r.r."),
                Groove("x.....x.....", "......x.....", "c.c.o.c.c.o.", colour="......x....."),
                Groove("x...x...x...", "......x...x.", "o.....o....."),
            ),
        },
        fills=(
            Groove("x...........", "......x.x.x.", "c.c.c......."),
            Groove("x...........", "......x.....", "c.c.c.......", "........h.l."),
            Groove("x.....x.....", "......xxx...", "c.c.........", ".........hll"),
        ),
        bass={
            "soft": ("R-----------", "R-----5-----", "R-----R---5-"),
            "mid": ("R---R-5-----", "R---R-R---a-", "R-----R-5-8-", "R---5-8---5-"),
            "hard": ("R-R-R-R-R-R-", "R---R-8---a-", "R-R-5-8-5-a-"),
        },
        accompaniment={
            "soft": ("0-1-2-3-2-1-", "0-2-3-4-3-2-", "b-----b-----", "w-----------"),
            "mid": ("b-b-b-b-b-b-", "d---u-d---u-", "0-2-4-3-4-2-", "b---b-b---b-"),
            "hard": ("b-b-b-h-b-b-", "d-u-d-d-u-d-", "b---h-b---h-"),
        },
        extra={
            "soft": ("P-----------", "counter", "none"),
            "mid": ("P-----------", "counter", "harmony", "arp"),
            "hard": ("P-----------", "arp", "harmony", "H.....H.H..."),
        },
        rhythms={
            "soft": ("x-----x-----", "x---x-x-----", "x-----x---x-", "x---------x-"),
            "mid": ("x---x-x---x-", "x-x-x-x-----", "..x-x-x---x-", "x---x-x-x-x-", "x-----x-x-x-"),
            "hard": ("x-x-x-x-x-x-", "x-x-x-x---x-", "..x-x-x-x-x-", "x-xxx-x-x-x-"),
        },
        cadences=_LILT_CADENCES,
    ),
    "blues": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "......x.....", "r.r.r.r.r.r."),
                Groove("x.........x.", "......x.....", "c.c.c.c.c.c."),
                Groove("x.....x.....", "......x.....", "r...r.r...r.", colour="......x....."),
            ),
            "mid": (
                Groove("x.........x.", "......x.....", "c.c.c.c.c.c."),
                Groove("x...x.......", "......x.....", "r.r.r.r.r.r."),
                Groove("x.....x...x.", "......x.....", "c.c.c.c.c.o."),
            ),
            "hard": (
                Groove("x...x.x...x.", "......x.....", "r.r.r.r.r.r."),
                Groove("x...x.....x.", "......x...x.", "o.c.c.o.c.c."),
                Groove("x.....x.....", "......x.....", "rrr.r.rrr.r."),
            ),
        },
        fills=(
            Groove("x...........", "......x.x.x.", "c.c.c......."),
            Groove("x...........", "....x.x.....", "c.c.........", "......h.h.l."),
            Groove("x.....x.....", "......xxxxxx", "r.r.r......."),
        ),
        bass={
            "soft": ("R-----5-----", "R---R-5---a-", "R-----3---5-"),
            "mid": ("R---3-5---6-", "R-R-3-5-6-a-", "R---R-5-6-5-", "R---5-6---a-"),
            "hard": ("R-R-3-5-5-6-", "R-3-5-6-5-3-", "R-R-8-7-5-a-"),
        },
        accompaniment={
            "soft": ("l-----l-----", "0-1-2-3-2-1-", "o-----......", "l...l-......"),
            "mid": ("s-s-s-s-s-s-", "b-b-b-b-b-b-", "l-----..l-l-", "..s-s-..s-s-"),
            "hard": ("b-b-b-b-b-b-", "b-s-s-b-s-s-", "p-p-p-b-b-b-"),
        },
        extra={
            "soft": ("response", "P-----------", "none"),
            "mid": ("response", "P-----------", "none"),
            "hard": ("response", "H.....H.H...", "P-----P-----"),
        },
        rhythms={
            "soft": ("x---x-x-----", "......x-x-x-", "x-----x---..", "..x-x-x-----"),
            "mid": ("..x-x-x-x---", "x-x-x-x-....", "x---x-xxx---", "....x-x-x-x-", "x-x-x-..x-x-"),
            "hard": ("xxx-x-x-x-x-", "x-x-x-xxx-x-", "..xxx-x-x-x-", "x-xxx-xxx-x-"),
        },
        cadences=_LILT_CADENCES,
    ),
    "rock": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "......x.....", "r.....r....."),
                Groove("x.........x.", "......x.....", "c.c.c.c.c.c."),
                Groove("x...........", "", "r...r.r...r.", colour="......x....."),
            ),
            "mid": (
                Groove("x...x.......", "......x.....", "c.c.c.c.c.c."),
                Groove("x.x.......x.", "......x.....", "c.c.c.c.c.c."),
                Groove("x.....x.x...", "......x.....", "r.r.r.r.r.r."),
            ),
            "hard": (
                Groove("x.x...x...x.", "......x.....", "o...o.o...o."),
                Groove("x.x.x...x.x.", "......x.....", "r.r.r.r.r.r."),
                Groove("x...x.....x.", "......x.....", "o.....o.....", colour="x.....x....."),
            ),
        },
        fills=(
            Groove("x...........", "......xxxxxx", "c.c.c......."),
            Groove("x.....x.....", "......x.....", "c.c.c.......", ".......hhlll"),
            Groove("x.....x.....", "....x.......", "o...........", "......h.h.l."),
        ),
        bass={
            "soft": ("R-----------", "R-----R-----", "R-----R---5-"),
            "mid": ("R-R-R-R-R-R-", "R---R-R---R-", "R---R-R-5-a-"),
            "hard": ("R-R-R-8-R-R-", "R-RRR-R-RRR-", "R-R-R-5-5-a-"),
        },
        accompaniment={
            "soft": ("0-2-3-4-3-2-", "d-----d---u-", "0-1-2-4-3-2-"),
            "mid": ("d---u-d-u-u-", "p---p-p---p-", "p-c.c.p-c.c.", "0-2-4-2-3-2-"),
            "hard": ("p-p-p-p-p-p-", "p-----p-p-p-", "p---p-c.c.p-"),
        },
        extra={
            "soft": ("P-----------", "none", "counter"),
            "mid": ("none", "harmony", "P-----------"),
            "hard": ("double", "harmony", "P-----P-----"),
        },
        rhythms={
            "soft": ("x-----x-----", "x---x-------", "......x---x-", "x-----x---x-"),
            "mid": ("x---x-x---x-", "x-x---x-x---", "..x-x-x---x-", "x--x--x-x-x-"),
            "hard": ("x-xxx-x-xxx-", "xxx-x-x-x-x-", "x--x--x--x--", "x-x-x-x-xxx-"),
        },
        cadences=_LILT_CADENCES,
    ),
    "classical": MetreStyle(
        grooves={
            "soft": (_SILENCE, _SILENCE, Groove(toms="l...........")),
            "mid": (_SILENCE, _SILENCE, Groove(toms="l.....l.....")),
            "hard": (
                Groove(toms="l.....l...l."),
                Groove("x...........", toms="l.....h....."),
                Groove(toms="l...l.l...l."),
            ),
        },
        fills=(Groove(toms="l.....l.l.l."), Groove("x...........", toms="......llllll"), Groove(toms="l...l.lllll.")),
        bass={
            "soft": ("R-----------", "R-----s-----", "R-----5-----"),
            "mid": ("R---..5---..", "R-----s-----", "s-----s---a-", "R---R-5---5-"),
            "hard": ("R---R-R---R-", "R-5-8-R-5-8-", "s---s-s---a-"),
        },
        accompaniment={
            "soft": ("0-1-2-3-2-1-", "0-2-3-0-2-3-", "b-----b-----", "w-----------"),
            "mid": ("0-2-1-0-2-1-", "..b-b-..b-b-", "0-2-3-4-3-2-", "b---b-b---b-"),
            "hard": ("b-b-b-b-b-b-", "012321012321", "h---h-h-h-h-"),
        },
        extra={
            "soft": ("counter", "harmony", "P-----------"),
            "mid": ("harmony", "counter", "P-----P-----"),
            "hard": ("harmony", "P-----P-----", "S---S-S---S-"),
        },
        rhythms={
            "soft": ("x-----x-----", "x---x-x-----", "x-----x---x-", "x-----------"),
            "mid": ("x---x-x---x-", "x---x-x-x-x-", "x--xx-x---x-", "x-x-x-x-----", "x-----x-x-x-"),
            "hard": ("x-x-x-x-x-x-", "x--xx-x--xx-", "xxxxx-x-x-x-", "x-x-xxx-x-x-"),
        },
        cadences=_LILT_CADENCES,
    ),
    "country": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "......x.....", "c...c.c...c."),
                Groove("x...........", "......x...x."),
                Groove("x...........", "", "c.c.c.c.c.c.", colour="......x....."),
            ),
            "mid": (
                Groove("x...........", "......x.....", "c.c.c.c.c.c."),
                Groove("x...........", "..x.x.x.x.x."),
                Groove("x.........x.", "......x...x.", "c...c.c...c."),
            ),
            "hard": (
                Groove("x.........x.", "......x.....", "r.r.r.r.r.r."),
                Groove("x...x.......", "......x...x.", "c.c.c.c.c.c."),
                Groove("x.....x.....", "..xxx.x.xxx."),
            ),
        },
        fills=(
            Groove("x...........", "......x.x.x.", "c...c......."),
            Groove("x...........", "..x.x.xxxxxx"),
            Groove("x...........", "......x.....", "c.c.c.......", "........h.l."),
        ),
        bass={
            "soft": ("R-----------", "R-----L-----", "R-----5---.."),
            "mid": ("R-----L-----", "R---R-5-----", "R-----L---a-"),
            "hard": ("R---R-L---L-", "R---3-5---a-", "R---5-R---5-"),
        },
        accompaniment={
            "soft": ("0-2-3-4-3-2-", "d-----d---u-", "0-1-2-3-2-1-"),
            "mid": ("d---u-d---u-", "..d-u-..d-u-", "d---d-d-u-u-"),
            "hard": ("d-u-d-d-u-d-", "..d-d-..d-d-", "d---d-d-u-d-"),
        },
        extra={
            "soft": ("counter", "P-----------", "harmony"),
            "mid": ("roll", "harmony", "counter"),
            "hard": ("roll", "harmony", "double"),
        },
        rhythms={
            "soft": ("x---x-x-----", "x-----x---x-", "....x-x-----", "x---x-----x-"),
            "mid": ("x---x-x---x-", "x-x-x-x---x-", "..x-x-x-----", "x---x-x-x---"),
            "hard": ("x-x-x-x-x-x-", "x-xxx-x-x-x-", "x---x-x-x-x-", "x-x-x-xxx-x-"),
        },
        cadences=_LILT_CADENCES,
    ),
    "metal": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........", "......x.....", "o.....o....."),
                Groove("x.........x.", "......x.....", "r...r.r...r."),
                Groove("x...x.......", "......x.....", "r.....r....."),
            ),
            "mid": (
                Groove("x.x.x...x.x.", "......x.....", "o...o.o...o."),
                Groove("x.xxx.x.xxx.", "......x.....", "o.....o....."),
                Groove("x...x.x...x.", "......x.....", "c.c.c.c.c.c."),
            ),
            "hard": (
                Groove("xxxxxxxxxxxx", "......x.....", "r.....r....."),
                Groove("x.xxx.x.xxx.", "......x.....", "r.r.r.r.r.r."),
                Groove("x.x.x.x.x.x.", "..x...x...x.", "o...o...o..."),
            ),
        },
        fills=(
            Groove("x.x.x.x.x.x.", "xx..xx......", "", "..hh..hhllll"),
            Groove("xxxxxxxxxxxx", "......xxx...", "", ".........hll"),
            Groove("x.....x.x.x.", "......xx....", "o...........", "........hhll"),
        ),
        bass={
            "soft": ("R-----R-----", "R-----------", "R---R-R---R-"),
            "mid": ("R-RRR-R-RRR-", "R-R-R-R-R-R-", "R---R-R-R-R-"),
            "hard": ("RRRRRRRRRRRR", "R-RRR-R-RRR-", "R-RRRRR-RRRR"),
        },
        accompaniment={
            "soft": ("p-----------", "0-1-2-3-2-1-", "p-----p-----"),
            "mid": ("c.cccpc.cccp", "p---c.p---c.", "p-ccc.p-ccc."),
            "hard": ("cccccccccccc", "p-ccccp-cccc", "c.cccpc.ccp-"),
        },
        extra={
            "soft": ("P-----------", "harmony", "counter"),
            "mid": ("harmony", "P-----------", "double"),
            "hard": ("double", "harmony", "P-----P-----"),
        },
        rhythms={
            "soft": ("x-----x-----", "x-----------", "x---x-x-----", "x---------x-"),
            "mid": ("x---x-x---x-", "x-x-x-x-----", "x--x--x--x--", "x-----x-x-x-"),
            "hard": ("xxxxx-xxxxx-", "x-xxx-x-xxx-", "xxxxxxx-----", "x-xxxxx-xxxx"),
        },
        cadences=_LILT_CADENCES,
    ),
}
_FIVE: dict[str, MetreStyle] = {
    "rock": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........x.......", "....x...........x...", "c.c.c.c.c.c.c.c.c.c."),
                Groove("x...........x.......", "........x...........", "r...r...r...r...r..."),
                Groove("x.........x.........", "....x...........x...", "r...r...r...r...r..."),
            ),
            "mid": (
                Groove("x.....x.....x.......", "....x...........x...", "c.c.c.c.c.c.c.c.c.c."),
                Groove("x.x.......x.x.......", "....x...x.......x...", "c.c.c.c.c.c.c.c.c.c."),
                Groove("x.....x...x.....x...", "........x...........", "r.r.r.r.r.r.r.r.r.r."),
            ),
            "hard": (
                Groove("x.x...x.x...x.x.....", "....x...........x...", "o...o...o...o...o..."),
                Groove("x..x..x...x.x.......", "........x.......x...", "r.r.r.r.r.r.r.r.r.r."),
                Groove("x.x...x.....x.x...x.", "....x...x.......x...", "o.o.o.o.o.o.o.o.o.o."),
            ),
        },
        fills=(
            Groove("x...........x.......", "....x...........xxxx", "c.c.c.c.c.c.c.c....."),
            Groove("x...........x.......", "............xx......", "c.c.c.c.c.c.........", "..............hhhlll"),
            Groove("x.....x.....x...x...", "....x.....x.x.x.....", "c.c.c.c.............", "................h.l."),
        ),
        bass={
            "soft": ("R-----------5-------", "R-------R---5---a---", "R-----R-----R-------"),
            "mid": ("R-R-R-R-R-R-5-5-a-a-", "R---R-R-R---5---a---", "R-----R-R---R-R-5-a-"),
            "hard": ("R-R-R-8-R-R-5-5-8-a-", "R-RRR-R-R-R-R-RRR-a-", "R-R-R-R-R-R-R-R-R-R-"),
        },
        accompaniment={
            "soft": ("0-1-2-3-2-1-0-2-3-2-", "d-----------d---d-u-", "0-2-3-4-3-2-1-2-4-2-"),
            "mid": ("p---c.c.p---p---c.c.", "p-p-p-p-p-p-p---p---", "d---d-u-d-u-d---d-u-"),
            "hard": ("p-p-p-p-p-p-p-p-p-p-", "p--p--p-c.c.p---p---", "p-----p-p---p-p-c.p-"),
        },
        extra={
            "soft": ("P-------------------", "none", "counter"),
            "mid": ("harmony", "P-------------------", "arp"),
            "hard": ("double", "harmony", "P-----------P-------"),
        },
        rhythms={
            "soft": (
                "x-----------x-------",
                "x-------x---x-------",
                "x-----x-----x---x---",
                "....x---x---x-------",
            ),
            "mid": (
                "x--x--x-x---x---x---",
                "x-x-x---x---x-x-----",
                "..x-x-x-x---x---..x-",
                "x---x-x-x---x-x-x---",
            ),
            "hard": (
                "x-xxx-x-x-x-x-xxx---",
                "x--x--x-x-x-x--x--x-",
                "xxx-x-x-xxx-x-x-x---",
                "x-x-x-x-x-x-x-x-x-x-",
            ),
        },
        cadences=_FIVE_CADENCES,
    ),
    "jazz": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........x.......", "", "r...r.r.r...r...r...", colour="....x...........x..."),
                Groove(
                    "x...................",
                    "........x.......x...",
                    "r...r...r...r...r...",
                    colour="....x...........x...",
                ),
                Groove(
                    "x...........x.......",
                    "..................x.",
                    "r...r.r.r...r...r.r.",
                    colour="....x...x.......x...",
                ),
            ),
            "mid": (
                Groove(
                    "x.....x.....x.......",
                    "........x...........",
                    "r...r.r.r...r...r.r.",
                    colour="....x...........x...",
                ),
                Groove(
                    "x...........x.......",
                    "......x.......x.....",
                    "r...r.r.r.r.r...r.r.",
                    colour="....x...x.......x...",
                ),
                Groove(
                    "x.........x.........",
                    "......x...........x.",
                    "r...r.r.r...r...r.r.",
                    colour="....x...........x...",
                ),
            ),
            "hard": (
                Groove(
                    "x.....x.....x...x...",
                    "....x.....x.......x.",
                    "r...r.r.r.r.r...r.r.",
                    colour="....x...x.......x...",
                ),
                Groove(
                    "x.....x...x.x.......",
                    "..x.....x.....x...x.",
                    "r.r.r.r.r.r.r.r.r.r.",
                    colour="....x...........x...",
                ),
                Groove(
                    "x...x...x...x...x...",
                    "......x...x.......x.",
                    "r...r.r.r...r...r.r.",
                    colour="....x...........x...",
                ),
            ),
        },
        fills=(
            Groove(
                "x...........x.......", "......x.x.x.x.x.xxx.", "r...r...............", colour="....x...........x..."
            ),
            Groove("x.....x.....x.......", "....xxx.............", "r...r...............", "........hhh.h.l.l.l."),
            Groove(
                "x...........x.......", "..........x.x.x...x.", "r...r.r.r...........", colour="....x...........x..."
            ),
        ),
        bass={
            "soft": ("R-----------5-------", "R-----5-----R-------", "R-------5---R---a---"),
            "mid": ("R-----5-----R---a---", "R---3---5---6---a---", "R-----R-5---R---5---", "R---5---3---R---a---"),
            "hard": ("R---2---3---5---a---", "R---5-5-6---7---a---", "8---7---6---5---a---"),
        },
        accompaniment={
            "soft": ("l-----l-----l-------", "l-----------l-------", "o-----------........"),
            "mid": ("l-----l-....l---l---", "l-....l-....l-..l-..", "..l---..l-....l-l---"),
            "hard": ("l.....s.....s...s...", "s.....l---..s...l-..", "..s...s...l-....s.s."),
        },
        extra={
            "soft": ("none", "counter", "P-----------P-------"),
            "mid": ("none", "response", "counter"),
            "hard": ("none", "response", "H.....H.....H......."),
        },
        rhythms={
            "soft": (
                "x-----x-----x-------",
                "x-----------x---x---",
                "..x-x-------x-------",
                "x---x-x-----x-----..",
            ),
            "mid": (
                "x-x-x-x-x---x-x-x---",
                "..x-x-x-x---x---x---",
                "x---x-x-x-x-x-------",
                "x--x--x-x-x-x---x-x-",
            ),
            "hard": (
                "x-x-x-x-x-x-x-x-x-x-",
                "..x-x-x-x-x-x-xxx-x-",
                "x-xxx-x-x-x-x-x-....",
                "x-x-xxx-x---x-x-x-x-",
            ),
        },
        cadences=_FIVE_CADENCES,
    ),
    "classical": MetreStyle(
        grooves={
            "soft": (_SILENCE, _SILENCE, Groove(toms="l...................")),
            "mid": (_SILENCE, _SILENCE, Groove(toms="l...........l.......")),
            "hard": (
                Groove(toms="l..l..l...l.l...l..."),
                Groove("x...................", toms="l...........l...l..."),
                Groove(toms="l...l...l...l.l.l.l."),
            ),
        },
        fills=(
            Groove(toms="l...........llllllll"),
            Groove("x...................", toms="l.....l.....l...llll"),
            Groove(toms="........l...l.l.l.l."),
        ),
        bass={
            "soft": ("R-------------------", "R-----------s-------", "R-----------5-------"),
            "mid": ("R-----------s---s---", "s---s---s---s---a---", "R---....5---R---...."),
            "hard": ("R-..R-..R-R-R---R---", "R---5---8---R---5---", "s-s-s-s-s-s-R---a---"),
        },
        accompaniment={
            "soft": ("0-1-2-3-2-1-0-2-3-2-", "w-----------w-------", "....b---b-......b---"),
            "mid": ("0-2-1-2-3-2-0-2-1-2-", "....b---b-......b---", "b---b---b---h---h---"),
            "hard": ("b-..b-..b-b-b---b---", "01210121012101210121", "h-h-h-h-h-h-b---b---"),
        },
        extra={
            "soft": ("counter", "harmony", "P-------------------"),
            "mid": ("counter", "harmony", "P-----------P-------"),
            "hard": ("harmony", "P-----------P-------", "S-..S-..S-S-S---S---"),
        },
        rhythms={
            "soft": (
                "x-----------x-------",
                "x-------x---x-------",
                "x---x---x---x-------",
                "x-----x-x---x-------",
            ),
            "mid": (
                "x---x---x---x---x---",
                "x---x-x-x---x---x---",
                "x-x-x-x-x---x-------",
                "x-----xxx---x---x-x-",
            ),
            "hard": (
                "x-x-x-x-x-x-x---x---",
                "x-xxx-xxx-x-x---x---",
                "x---xxxxx---x-x-x-x-",
                "xxxxx-x-x-x-x-x-x---",
            ),
        },
        cadences=_FIVE_CADENCES,
    ),
    "metal": MetreStyle(
        grooves={
            "soft": (
                Groove("x...........x.......", "....x...........x...", "r...r...r...r...r..."),
                Groove("x.......x...x.......", "............x.......", "o...o...o...o...o..."),
                Groove("x.......x...........", "....x.......x.......", "o...o...o...o...o..."),
            ),
            "mid": (
                Groove("x.xx..xx..x.x.xx..x.", "....x...........x...", "o...o...o...o...o..."),
                Groove("x..x..x..x..x...x...", "........x.......x...", "o...o...o...o...o..."),
                Groove("x.x...x.x.x.x.x...x.", "....x...x.......x...", "c.c.c.c.c.c.c.c.c.c."),
            ),
            "hard": (
                Groove("xxxxxxxxxxxxxxxxxxxx", "....x...........x...", "r...r...r...r...r..."),
                Groove("x..xx.x..xx.xxx.xxx.", "........x.......x...", "o...o...o...o...o..."),
                Groove("x.x.x.x.x.x.x.x.x.x.", "..x...x...x...x...x.", "o...o...o...o...o..."),
            ),
        },
        fills=(
            Groove("x.x.x.x.x.x.x.x.x.x.", "xx..xx..xx..........", "", "..hh..hh..hhhhllllll"),
            Groove("xxxxxxxxxxxxxxxxxxxx", "....x.......xxxx....", "o...o...o...........", "................hhll"),
            Groove("x.......x...x.x.x.x.", "....x........x.x....", "o...o...............", "................h.l."),
        ),
        bass={
            "soft": ("R-----------R-------", "R---R---R---R---R---", "R-------R---R-------"),
            "mid": ("R-RR--RR--R-R-RR--R-", "R--R--R--R--R---R---", "R-R-R-R-R-R-R-R-R-R-"),
            "hard": ("RRRRRRRRRRRRRRRRRRRR", "R--RR-R--RR-RRR-RRR-", "R-RRR-RRR-R-R-RRR-R-"),
        },
        accompaniment={
            "soft": ("p-----------p-------", "0-1-2-3-2-1-0-2-3-2-", "p-------p---p-------"),
            "mid": ("p-cc.ccc.cp-p-cc.cp-", "p--c..p--c..p---c.c.", "p---c.c.p-c.p---c.c."),
            "hard": ("cccccccccccccccccccc", "p--cc.p--cc.pccpcccc", "p-ccp-ccp-ccp-p-cccc"),
        },
        extra={
            "soft": ("P-------------------", "harmony", "counter"),
            "mid": ("harmony", "double", "P-----------P-------"),
            "hard": ("double", "harmony", "P-------------------"),
        },
        rhythms={
            "soft": (
                "x-----------x-------",
                "x-------------------",
                "x-----x-----x-------",
                "x-------x---x-------",
            ),
            "mid": (
                "x--x--x--x--x---x---",
                "x---x---x---x-x-x---",
                "x-x-x---x---x-------",
                "x-----x-x-x-x---x---",
            ),
            "hard": (
                "xxxxx-x-xxx-xxxxx-x-",
                "x--xx-x--xx-x-x-x-x-",
                "xxxxxxxxx---x-x-x---",
                "x-xxx-xxx-x-x-xxx-xx",
            ),
        },
        cadences=_FIVE_CADENCES,
    ),
}
METRE_STYLES: dict[str, dict[str, MetreStyle]] = {"3/4": _WALTZ, "6/8": _COMPOUND, "5/4": _FIVE}
METRE_CHANCES: dict[str, dict[str, float]] = {
    "blues": {"3/4": 0.0, "6/8": 0.14, "5/4": 0.0},
    "classical": {"3/4": 0.28, "6/8": 0.13, "5/4": 0.03},
    "country": {"3/4": 0.15, "6/8": 0.05, "5/4": 0.0},
    "disco": {"3/4": 0.0, "6/8": 0.0, "5/4": 0.0},
    "hiphop": {"3/4": 0.0, "6/8": 0.0, "5/4": 0.0},
    "jazz": {"3/4": 0.13, "6/8": 0.0, "5/4": 0.08},
    "metal": {"3/4": 0.0, "6/8": 0.1, "5/4": 0.06},
    "pop": {"3/4": 0.05, "6/8": 0.1, "5/4": 0.0},
    "reggae": {"3/4": 0.0, "6/8": 0.0, "5/4": 0.0},
    "rock": {"3/4": 0.05, "6/8": 0.1, "5/4": 0.06},
}
"""How often a genre leaves 4/4."""
