"""How each genre is played: tempo, kit, swing, bass lines, accompaniment, second voice, melody, instruments.

Patterns are strings of one character a step (16: 4/4; corpus.metres has the rest), "." silence, "-" hold.
  bass           R root, L fifth below, 5 fifth, 3 third, 6 sixth, 7 seventh, 2 second, 8 octave, a approach to the next
                 root, s the chord tone nearest to the last note
  accompaniment  b block, s stab, d strum down, u strum up, c chug, p power, w wide, h high, o roll, l shell, 0-9 a tone
  extra          P chord held, S short, H short and high; a word names a way of playing (corpus.arrangement.SecondVoice)
Each table has the three energies of corpus.grooves.
"""

from dataclasses import dataclass

By = dict[str, tuple[str, ...]]
_QUIET = ("tenderness", "calmness", "sadness", "nostalgia")


@dataclass(frozen=True)
class Style:
    """A genre. `programs` are General MIDI choices by role; a choice that stands twice is twice as likely.

    `melody` names a rhythm family of corpus.rhythms; `pentatonic` and `graces` are chances (of a piece, of a note);
    `legato` and `staccato` are the emotions played so.
    """

    tempo_bpm: tuple[int, int]
    kits: By
    swings: tuple[str, ...]
    bass: By
    accompaniment: By
    extra: By
    melody: str
    programs: dict[str, tuple[int, ...]]
    pentatonic: float = 0.0
    graces: float = 0.0
    legato: tuple[str, ...] = _QUIET
    staccato: tuple[str, ...] = ()


STYLES: dict[str, Style] = {
    "blues": Style(
        tempo_bpm=(62, 136),
        kits={"soft": ("brush", "jazz"), "mid": ("standard",), "hard": ("room", "standard")},
        swings=("triplet",),
        bass={
            "soft": (
                "R---3---5---6---", "R---5---6---5---", "R-----R-5-----a-", "R-------5-----a-", "R---3---6---5---",
                "R-----3-5---6---",
            ),
            "mid": (
                "R-R-3-3-5-5-6-5-", "R-3-5-6-7-6-5-3-", "R---3---5---a---", "R-R-3-R-5-5-6-a-", "R-R-5-5-6-6-5-5-",
                "R---5---8---a---",
            ),
            "hard": (
                "R-R-5-5-6-6-5-5-", "R-3-5-6-8-6-5-3-", "R-R-8-R-7-7-6-5-", "R-R-3-3-5-5-6-a-", "R-8-7-5-6-5-3-a-",
            ),
        },
        accompaniment={
            "soft": (
                "l-----..l-------", "..l-....l-......", "0-2-4-..3-2-1-..", "l-------..l-l---", "..l---....l-..l-",
                "o-------l-------",
            ),
            "mid": (
                "..l-....l-..l-..", "l---..l-....l-..", "b-s-b-s-b-s-b-s-", "..s-..s-..s-..s-", "l-..l-..l---..l-",
            ),
            "hard": (
                "p-p-b-b-p-p-b-b-", "b-s-b-s-b-s-b-s-", "b-..b-s-b-..b-s-", "b-b-s-b-b-b-s-s-", "p-p-b-p-p-b-b-p-",
            ),
        },
        extra={
            "soft": (
                "response", "P---------------", "none", "counter",
            ),
            "mid": (
                "response", "none", "P---------------", "H.....H.........",
            ),
            "hard": (
                "response", "H...H.H.....H...", "P-------P-------", "harmony",
            ),
        },
        melody="blues",
        programs={
            "bass": (33, 32, 33, 32),
            "accompaniment": (0, 25, 16, 27, 1, 26, 0, 27),
            "extra": (16, 22, 27, 17, 61, 65),
            "melody": (27, 22, 26, 65, 66, 27, 0, 56),
        },
        graces=0.3,
        legato=(),
    ),
    "classical": Style(
        tempo_bpm=(58, 144),
        kits={"soft": ("orchestra",), "mid": ("orchestra",), "hard": ("orchestra",)},
        swings=("straight",),
        bass={
            "soft": (
                "s---------------", "R-------s-------", "R-----------5---", "R---....5---....", "s-------s-------",
            ),
            "mid": (
                "R-------s-------", "s---s---s---a---", "R---....5---....", "R---s---s---5---", "R-------5---a---",
            ),
            "hard": (
                "R---5---8---5---", "R-R-R-R-s-s-s-s-", "s---s---s---a---", "R---R---5---a---", "R-5-8-5-R-5-8-5-",
            ),
        },
        accompaniment={
            "soft": (
                "0-2-1-2-0-2-1-2-", "0-1-2-3-4-3-2-1-", "w---------------", "o-------o-------", "0-1-2-1-3-2-1-2-",
                "0---2---3---2---",
            ),
            "mid": (
                "0-2-1-2-0-2-1-2-", "0123432101234321", "b---b---b---b---", "0-3-2-3-1-3-2-3-", "..b-..b-..b-..b-",
                "0-4-3-2-0-4-3-2-", "b-------h---h---",
            ),
            "hard": (
                "b-..b-b-b-..b-b-", "0121012101210121", "w---b-b-w---b-b-", "h-h-h-h-h-h-h-h-", "0-2-4-2-0-2-4-2-",
                "w-------w-------",
            ),
        },
        extra={
            "soft": (
                "counter", "P---------------", "harmony", "P-------P-------",
            ),
            "mid": (
                "counter", "harmony", "P---------------", "P-------P-------",
            ),
            "hard": (
                "P-------P-------", "harmony", "S-..S-S-S-..S-S-", "counter", "S-------S-S-S---",
            ),
        },
        melody="lyric",
        programs={
            "bass": (42, 43, 42, 43),
            "accompaniment": (0, 46, 48, 45, 6, 0, 19, 48),
            "extra": (48, 60, 49, 68, 52, 42, 71, 46),
            "melody": (40, 73, 68, 71, 0, 42, 41, 60, 56, 6),
        },
        legato=("tenderness", "calmness", "sadness", "nostalgia", "solemnity", "amazement"),
        staccato=("joyful_activation", "tension"),
    ),
    "country": Style(
        tempo_bpm=(84, 164),
        kits={"soft": ("brush",), "mid": ("train", "standard"), "hard": ("standard", "room")},
        swings=("straight", "straight", "light"),
        bass={
            "soft": (
                "R-------L-------", "R-----..5-----..", "R---------------", "R-------5---a---", "R---....L---....",
            ),
            "mid": (
                "R---....L---....", "R-----..L-----..", "R---....L---a---", "R---....5---....", "R-------L---L---",
            ),
            "hard": (
                "R---L---R---L---", "R---5---R---a---", "R---R---L---a---", "R---3---5---6---", "R---R---5---5---",
            ),
        },
        accompaniment={
            "soft": (
                "0-2-3-2-1-2-3-2-", "d-------d---u---", "0-1-2-3-4-3-2-1-", "0---d---2---d---", "0-3-2-3-1-3-2-3-",
            ),
            "mid": (
                "....d-u-....d-u-", "....d-......d-u-", "d---d-u-..u-d-u-", "..d-..d-..d-..d-", "0---d-u-2---d-u-",
            ),
            "hard": (
                "..d-..d-..d-..d-", "d---d-u-..u-d-u-", "d-d-d-u-d-d-d-u-", "d-dud-dud-dud-du", "....s.......s...",
            ),
        },
        extra={
            "soft": (
                "P---------------", "counter", "harmony", "none",
            ),
            "mid": (
                "roll", "response", "harmony", "counter",
            ),
            "hard": (
                "roll", "harmony", "response", "double",
            ),
        },
        melody="song",
        programs={
            "bass": (33, 32, 33, 32),
            "accompaniment": (25, 25, 24, 0, 105, 27),
            "extra": (105, 105, 22, 110, 48, 21, 16),
            "melody": (110, 25, 22, 27, 105, 110, 21, 0),
        },
        pentatonic=0.5,
        graces=0.14,
    ),
    "disco": Style(
        tempo_bpm=(108, 130),
        kits={"soft": ("standard", "dance"), "mid": ("dance", "standard"), "hard": ("dance",)},
        swings=("straight",),
        bass={
            "soft": (
                "R-8-R-8-R-8-R-8-", "R-----8-R-----5-", "R---8---R---8---", "R-----R-5-----8-", "R-8-....R-8-....",
            ),
            "mid": (
                "R-8-R-8-R-8-R-8-", "R--R8-R-R--R8-5-", "R-8-R-8-5-8-6-a-", "R.RR..8.R.RR..a.", "R-8-R-8-7-8-5-8-",
            ),
            "hard": (
                "R-8-R-8-R-8-5-a-", "R--R8-.RR-7-8-a-", "R8R8R8R8R8R8R8R8", "R..RR.8.R..RR.8a", "R-8-3-8-5-8-a-8-",
            ),
        },
        accompaniment={
            "soft": (
                "b-------b-----b-", "..b-..b-..b-..b-", "0-2-3-2-0-2-3-2-", "......s.......s.", "b-----b-....b---",
            ),
            "mid": (
                "..s...s...s...s.", "s.ss..s.s.ss..s.", "b--b--b-..b-..b-", "..ss..s...ss..s.", "s.s.ssss.ss.s.s.",
            ),
            "hard": (
                "s.ssss.ss.ssss.s", "..s...s...s...s.", "ssssssssssssssss", "b--b--b---s-s.s.", "b-.b-.b-..s.s.ss",
            ),
        },
        extra={
            "soft": (
                "P---------------", "counter", "harmony", "H.......H.......",
            ),
            "mid": (
                "P---------------", "H.....H..H......", "counter", "run", "harmony",
            ),
            "hard": (
                "H..H..H.....H.H.", "run", "H-----H..H..H---", "P---------------", "counter",
            ),
        },
        melody="disco",
        programs={
            "bass": (33, 33, 36, 38, 37, 33),
            "accompaniment": (4, 27, 28, 4, 0, 5, 27),
            "extra": (48, 50, 61, 48, 51, 62, 56),
            "melody": (48, 61, 81, 65, 4, 73, 50, 80, 56),
        },
        pentatonic=0.3,
        legato=("tenderness", "calmness"),
    ),
    "hiphop": Style(
        tempo_bpm=(72, 104),
        kits={"soft": ("808", "standard"), "mid": ("808", "standard", "room"), "hard": ("808", "power")},
        swings=("sixteenth", "sixteenth", "light"),
        bass={
            "soft": (
                "R-----------R---", "R-----..R---....", "R---------..5---", "R---------------", "R-------8---5---",
            ),
            "mid": (
                "R------.R-R-....", "R------R..R---5-", "R--R......R--.a-", "R-----..8-5-R-..", "R---..R-..R-5---",
            ),
            "hard": (
                "R------R..R---R-", "R--R--R...R--R8.", "R------------.a-", "R-R-...R..R-.5a-", "R--R......8-R.R-",
            ),
        },
        accompaniment={
            "soft": (
                "b-------------..", "o---------------", "0-2-3-2-4-3-2-1-", "b-------b-------", "w---------------",
                "....b-......b-..",
            ),
            "mid": (
                "b-----....b-----", "..b-..b-...b-...", "b--b------b-....", "0-2-3---4-3-2---", "b---..b-....b-..",
            ),
            "hard": (
                "b--b..b-....b...", "s...s.s...s.s...", "0-2-0-3-0-2-0-4-", "h---h---h-h-h---", "b.....b...b.....",
            ),
        },
        extra={
            "soft": (
                "P---------------", "loop", "counter", "none",
            ),
            "mid": (
                "loop", "P---------------", "loop", "none", "H.....H...H.....",
            ),
            "hard": (
                "loop", "H.......H.H.....", "P---------------", "S.S...S.S.S...S.",
            ),
        },
        melody="loop",
        programs={
            "bass": (38, 38, 33, 39, 32, 38),
            "accompaniment": (4, 0, 5, 11, 46, 26, 16),
            "extra": (89, 48, 50, 52, 61, 73, 91),
            "melody": (11, 81, 4, 73, 48, 0, 56, 80, 65),
        },
        pentatonic=0.65,
    ),
    "jazz": Style(
        tempo_bpm=(72, 184),
        kits={"soft": ("brush",), "mid": ("jazz",), "hard": ("jazz",)},
        swings=("triplet",),
        bass={
            "soft": (
                "R-------5-------", "R-------5---a---", "R---3---5---a---", "R-----5-----R---", "R-------3---5---",
            ),
            "mid": (
                "R---3---5---a---", "R---2---3---a---", "R---5---3---a---", "R---8---7---a---", "R---R-5-3---a---",
                "R---3---6---5---", "R-----5-5-----a-",
            ),
            "hard": (
                "R---3---5---a---", "R---5-5-6---a---", "R---7---5---a---", "R---2---3---a---", "8---7---5---a---",
                "R---3---6---a---", "8---5---3---2---",
            ),
        },
        accompaniment={
            "soft": (
                "l-------........", "l-----l-----....", "..l---......l---", "o-------........", "....l-------l---",
                "l-----..........",
            ),
            "mid": (
                "l-----l-........", "..l-......l-....", "......l-....l-..", "l-........l-....", "..l---....l-l-..",
                "l-----l-..l---l-", "..s...s-....s...",
            ),
            "hard": (
                "l.....l.......l.", "..s...l-..s...l-", "l.....s...l.....", "....s.....s...s.", "l-..s.....l-..s.",
                "..l-..l-..l-..l-",
            ),
        },
        extra={
            "soft": (
                "none", "P---------------", "counter", "harmony",
            ),
            "mid": (
                "none", "response", "none", "counter", "harmony",
            ),
            "hard": (
                "none", "response", "H.....H.........", "harmony",
            ),
        },
        melody="swing",
        programs={
            "bass": (32,),
            "accompaniment": (0, 26, 0, 4, 0, 26, 11, 16),
            "extra": (11, 26, 48, 57, 71, 61, 56),
            "melody": (66, 56, 65, 11, 0, 26, 71, 64, 57, 73, 67),
        },
        graces=0.12,
        legato=("tenderness", "calmness", "sadness"),
    ),
    "metal": Style(
        tempo_bpm=(96, 184),
        kits={"soft": ("room", "power"), "mid": ("power",), "hard": ("power",)},
        swings=("straight",),
        bass={
            "soft": (
                "R-------R-------", "R---R---R---R---", "R---------------", "R-----R-R-----R-", "R-------R---5---",
            ),
            "mid": (
                "R-RRR-RRR-RRR-RR", "R-R-R-R-R-R-R-R-", "R--R--R-R--R--R-", "R.RR..R.R.RR..R.", "R-RRRRR-R-RRRRR-",
            ),
            "hard": (
                "RRRRRRRRRRRRRRRR", "R-RRR-RRR-RRR-RR", "R-R-R-R-R-R-R-R-", "R-RRRRRRR-RRRRRR", "R-RR-RR-RR-RR-R-",
            ),
        },
        accompaniment={
            "soft": (
                "p---------------", "0-1-2-3-2-3-2-1-", "p-------p-------", "p-------p---p---", "0-2-4-3-2-4-3-2-",
                "p-----p-p-------",
            ),
            "mid": (
                "c.ccc.ccc.ccp---", "p---c.c.p-c.c.c.", "p--p--p-c.c.p---", "c.c.c.p-c.c.p-p-", "p-c.c.c.p-c.p-c.",
                "p.cc.cc.p.cc.cc.",
            ),
            "hard": (
                "cccccccccccccccc", "c.ccc.ccc.ccc.cc", "p---cccccccccccc", "ccp-ccp-ccccp-p-", "p-ccp-ccp-ccp-p-",
                "p-p-cccccccc-p-p",
            ),
        },
        extra={
            "soft": (
                "P---------------", "harmony", "counter", "none",
            ),
            "mid": (
                "harmony", "P---------------", "double", "riff",
            ),
            "hard": (
                "double", "harmony", "P---------------", "riff",
            ),
        },
        melody="metal",
        programs={
            "bass": (33, 34, 34, 34, 33),
            "accompaniment": (30, 30, 29, 30),
            "extra": (30, 48, 52, 19, 50, 29, 89),
            "melody": (30, 29, 30, 81, 30),
        },
        pentatonic=0.25,
        legato=("tenderness", "calmness"),
    ),
    "pop": Style(
        tempo_bpm=(78, 130),
        kits={"soft": ("standard",), "mid": ("standard", "dance"), "hard": ("dance", "room")},
        swings=("straight",),
        bass={
            "soft": (
                "R---------------", "R-------R-----5-", "R-----R-R-------", "R-------5-------", "R-----------5---",
            ),
            "mid": (
                "R-----R-R-----R-", "R--R--R-R--R--R-", "R-----5-R---8-5-", "R-R-R-R-R-R-R-a-", "R-----R-5-----a-",
                "R---R-R---R-5---",
            ),
            "hard": (
                "R-R-R-R-R-R-R-R-", "R.RR.RR.R.RR.R-a", "..R-..R-..R-..R-", "R-8-R-8-R-8-R-a-", "R--R--R-8--R--5-",
                "R-R-8-R-R-R-8-R-",
            ),
        },
        accompaniment={
            "soft": (
                "0-2-3-4-3-2-3-2-", "b-------b-------", "0-1-2-4-3-4-2-1-", "o---------------", "w-------b-------",
                "d-------d---d-u-",
            ),
            "mid": (
                "b---b---b---b---", "b-----b-..b-b---", "d---d-u-..u-d-u-", "0-2-3-2-4-2-3-2-", "b--b--b---b-b---",
            ),
            "hard": (
                "b-b-b-b-b-b-b-b-", "b--b--b-b--b--b-", "d---d-udd-u-d-ud", "..h-..h-..h-..h-", "b--b--b-..b-b-b-",
            ),
        },
        extra={
            "soft": (
                "P---------------", "counter", "arp", "harmony",
            ),
            "mid": (
                "P---------------", "counter", "harmony", "arp", "none",
            ),
            "hard": (
                "P---------------", "arp", "harmony", "H..H..H...H.H...", "counter",
            ),
        },
        melody="song",
        programs={
            "bass": (33, 38, 33, 39, 34),
            "accompaniment": (0, 25, 4, 0, 24, 27, 5, 2),
            "extra": (89, 48, 50, 81, 52, 90, 11, 61),
            "melody": (81, 80, 73, 0, 11, 65, 40, 27, 4, 25),
        },
        pentatonic=0.4,
    ),
    "reggae": Style(
        tempo_bpm=(66, 96),
        kits={"soft": ("reggae",), "mid": ("reggae",), "hard": ("reggae", "standard")},
        swings=("straight", "light", "light"),
        bass={
            "soft": (
                "R---..R-5---....", "..R-----3---5---", "R-----..5-3-R---", "....R---5---3---", "R---..3-5-------",
            ),
            "mid": (
                "R-R---..5-3-R-..", "..R-R---..3-5---", "R---..R-5-..3-5-", "..R-5-R-..R-3-5-", "....R-R-..5-3-R-",
            ),
            "hard": (
                "R-R-5-5-R-R-3-5-", "R--R..R-5--3..R-", "R-8-..5-R-8-..a-", "R---R-5-R---3-5-", "R-5-8-5-..R-5-a-",
            ),
        },
        accompaniment={
            "soft": (
                "..s...s...s...s.", "..s..ss...s..ss.", "..s...ss..s...s.", "..ss..s...s...s.", "..s...s...s..ss.",
            ),
            "mid": (
                "..s...s...s...s.", "..ss..ss..ss..ss", "..s...s...s..ss.", "..s..ss...s..ss.", "..s...ss..s...ss",
            ),
            "hard": (
                "..ss..ss..ss..ss", "..s...s...s...s.", "..s..ss...s..ss.", "..ss..s...ss..s.", ".ss...s..ss...s.",
            ),
        },
        extra={
            "soft": (
                "P---------------", "counter", "response", "S.S.....S.S.....",
            ),
            "mid": (
                "S.S.S.S.S.S.S.S.", ".SS..SS..SS..SS.", "response", "P---------------", "harmony",
            ),
            "hard": (
                ".SS..SS..SS..SS.", "H..H..H.........", "response", "harmony",
            ),
        },
        melody="reggae",
        programs={
            "bass": (33, 33, 38, 33, 35),
            "accompaniment": (27, 28, 27, 0, 16),
            "extra": (16, 18, 61, 21, 57, 17),
            "melody": (65, 57, 16, 56, 73, 22, 66, 21),
        },
        pentatonic=0.5,
        graces=0.04,
        legato=(),
    ),
    "rock": Style(
        tempo_bpm=(92, 166),
        kits={"soft": ("standard", "room"), "mid": ("room",), "hard": ("room", "power")},
        swings=("straight",),
        bass={
            "soft": (
                "R-----R-R-------", "R-------R---5---", "R---------------", "R-----R-5-----a-", "R---R---5-------",
            ),
            "mid": (
                "R-R-R-R-R-R-R-R-", "R-R-R-R-R-R-5-a-", "R---R-R-R---5-a-", "R--R--R-R--R--R-", "R-R-..R-R-R-5-a-",
            ),
            "hard": (
                "R-R-R-R-R-R-R-R-", "R-R-R-8-R-R-5-a-", "R-RRR-RRR-RRR-R-", "R--R--R-5--5--a-", "R-8-R-R-8-R-5-a-",
            ),
        },
        accompaniment={
            "soft": (
                "0-2-3-2-4-2-3-2-", "d-------d---d-u-", "0-1-2-3-4-3-2-1-", "0-3-2-3-1-3-2-3-", "p---------------",
            ),
            "mid": (
                "p---p---c.c.p---", "p-p-p-p-p-p-p-p-", "d---d-u-..u-d-u-", "p-..p-p-..p-p-..", "p--p--p---p-p---",
            ),
            "hard": (
                "p-p-p-p-p-p-p-p-", "p-------p---p-p-", "p---c.c.p---c.p-", "p--p--p-p--p--p-", "p-ppp-ppp-p-p---",
            ),
        },
        extra={
            "soft": (
                "P---------------", "none", "counter", "arp",
            ),
            "mid": (
                "none", "riff", "P---------------", "counter",
            ),
            "hard": (
                "riff", "double", "P---------------", "harmony",
            ),
        },
        melody="rock",
        programs={
            "bass": (33, 34, 33, 34),
            "accompaniment": (29, 30, 27, 29, 25, 0),
            "extra": (16, 18, 0, 48, 4, 50),
            "melody": (27, 29, 30, 29, 27, 65, 22, 81),
        },
        pentatonic=0.6,
        graces=0.06,
        legato=("tenderness", "calmness", "sadness"),
    ),
}  # fmt: skip
