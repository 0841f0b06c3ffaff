"""How each genre is played: tempo, kit, swing, bass lines, accompaniment, second voice, melody, instruments.

Patterns are strings of one character a step (16 in 4/4, 12 in 3/4), "." silence, "-" hold.
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

    `melody` names a rhythm family of corpus.rhythms; `pentatonic` and `graces` are chances (of a piece, of a note),
    `waltz` that of 3/4; `legato` and `staccato` are the emotions played so.
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
    waltz: float = 0.0
    legato: tuple[str, ...] = _QUIET
    staccato: tuple[str, ...] = ()


STYLES: dict[str, Style] = {
    "blues": Style(
        tempo_bpm=(62, 136),
        kits={"soft": ("brush", "jazz"), "mid": ("standard",), "hard": ("room", "standard")},
        swings=("triplet",),
        bass={
            "soft": ("R---3---5---6---", "R---5---6---5---", "R-----R-5-----a-"),
            "mid": ("R-R-3-3-5-5-6-5-", "R-3-5-6-7-6-5-3-", "R---3---5---a---", "R-R-3-R-5-5-6-a-"),
            "hard": ("R-R-5-5-6-6-5-5-", "R-3-5-6-8-6-5-3-", "R-R-8-R-7-7-6-5-"),
        },
        accompaniment={
            "soft": ("l-----..l-------", "..l-....l-......", "0-2-4-..3-2-1-.."),
            "mid": ("..l-....l-..l-..", "l---..l-....l-..", "b-s-b-s-b-s-b-s-"),
            "hard": ("p-p-b-b-p-p-b-b-", "b-s-b-s-b-s-b-s-", "b-..b-s-b-..b-s-"),
        },
        extra={
            "soft": ("response", "P---------------"),
            "mid": ("response",),
            "hard": ("response", "H...H.H.....H..."),
        },
        melody="blues",
        programs={
            "bass": (33, 32, 33),
            "accompaniment": (0, 25, 16, 27),
            "extra": (16, 22, 27),
            "melody": (27, 22, 26, 65),
        },
        graces=0.3,
        legato=(),
    ),
    "classical": Style(
        tempo_bpm=(58, 144),
        kits={"soft": ("orchestra",), "mid": ("orchestra",), "hard": ("orchestra",)},
        swings=("straight",),
        bass={
            "soft": ("s---------------", "R-------s-------", "R-----------5---"),
            "mid": ("R-------s-------", "s---s---s---a---", "R---....5---...."),
            "hard": ("R---5---8---5---", "R-R-R-R-s-s-s-s-", "s---s---s---a---"),
        },
        accompaniment={
            "soft": ("0-2-1-2-0-2-1-2-", "0-1-2-3-4-3-2-1-", "w---------------", "o-------o-------"),
            "mid": ("0-2-1-2-0-2-1-2-", "0123432101234321", "b---b---b---b---", "0-3-2-3-1-3-2-3-", "..b-..b-..b-..b-"),
            "hard": ("b-..b-b-b-..b-b-", "0121012101210121", "w---b-b-w---b-b-", "h-h-h-h-h-h-h-h-"),
        },
        extra={
            "soft": ("counter", "P---------------", "harmony"),
            "mid": ("counter", "harmony", "P---------------"),
            "hard": ("P-------P-------", "harmony", "S-..S-S-S-..S-S-"),
        },
        melody="lyric",
        programs={
            "bass": (42, 43, 42),
            "accompaniment": (0, 46, 48, 45, 6),
            "extra": (48, 60, 49, 68),
            "melody": (40, 73, 68, 71, 0, 42),
        },
        waltz=0.3,
        legato=("tenderness", "calmness", "sadness", "nostalgia", "solemnity", "amazement"),
        staccato=("joyful_activation", "tension"),
    ),
    "country": Style(
        tempo_bpm=(84, 164),
        kits={"soft": ("brush",), "mid": ("train", "standard"), "hard": ("standard", "room")},
        swings=("straight", "straight", "light"),
        bass={
            "soft": ("R-------L-------", "R-----..5-----.."),
            "mid": ("R---....L---....", "R-----..L-----..", "R---....L---a---"),
            "hard": ("R---L---R---L---", "R---5---R---a---", "R---R---L---a---"),
        },
        accompaniment={
            "soft": ("0-2-3-2-1-2-3-2-", "d-------d---u---", "0-1-2-3-4-3-2-1-"),
            "mid": ("....d-u-....d-u-", "....d-......d-u-", "d---d-u-..u-d-u-"),
            "hard": ("..d-..d-..d-..d-", "d---d-u-..u-d-u-", "d-d-d-u-d-d-d-u-"),
        },
        extra={
            "soft": ("P---------------", "counter"),
            "mid": ("roll", "response", "harmony"),
            "hard": ("roll", "harmony", "response"),
        },
        melody="song",
        programs={
            "bass": (33, 32, 33),
            "accompaniment": (25, 25, 24, 0),
            "extra": (105, 105, 22, 110),
            "melody": (110, 25, 22, 27),
        },
        pentatonic=0.5,
        graces=0.14,
        waltz=0.12,
    ),
    "disco": Style(
        tempo_bpm=(108, 130),
        kits={"soft": ("standard", "dance"), "mid": ("dance", "standard"), "hard": ("dance",)},
        swings=("straight",),
        bass={
            "soft": ("R-8-R-8-R-8-R-8-", "R-----8-R-----5-"),
            "mid": ("R-8-R-8-R-8-R-8-", "R--R8-R-R--R8-5-", "R-8-R-8-5-8-6-a-", "R.RR..8.R.RR..a."),
            "hard": ("R-8-R-8-R-8-5-a-", "R--R8-.RR-7-8-a-", "R8R8R8R8R8R8R8R8"),
        },
        accompaniment={
            "soft": ("b-------b-----b-", "..b-..b-..b-..b-", "0-2-3-2-0-2-3-2-"),
            "mid": ("..s...s...s...s.", "s.ss..s.s.ss..s.", "b--b--b-..b-..b-", "..ss..s...ss..s."),
            "hard": ("s.ssss.ss.ssss.s", "..s...s...s...s.", "ssssssssssssssss", "b--b--b---s-s.s."),
        },
        extra={
            "soft": ("P---------------", "counter"),
            "mid": ("P---------------", "H.....H..H......", "counter", "run"),
            "hard": ("H..H..H.....H.H.", "run", "H-----H..H..H---", "P---------------"),
        },
        melody="disco",
        programs={
            "bass": (33, 33, 36, 38),
            "accompaniment": (4, 27, 28, 4),
            "extra": (48, 50, 61, 48),
            "melody": (48, 61, 81, 65, 4),
        },
        pentatonic=0.3,
        legato=("tenderness", "calmness"),
    ),
    "hiphop": Style(
        tempo_bpm=(72, 104),
        kits={"soft": ("808", "standard"), "mid": ("808", "standard", "room"), "hard": ("808", "power")},
        swings=("sixteenth", "sixteenth", "light"),
        bass={
            "soft": ("R-----------R---", "R-----..R---....", "R---------..5---"),
            "mid": ("R------.R-R-....", "R------R..R---5-", "R--R......R--.a-", "R-----..8-5-R-.."),
            "hard": ("R------R..R---R-", "R--R--R...R--R8.", "R------------.a-", "R-R-...R..R-.5a-"),
        },
        accompaniment={
            "soft": ("b-------------..", "o---------------", "0-2-3-2-4-3-2-1-", "b-------b-------"),
            "mid": ("b-----....b-----", "..b-..b-...b-...", "b--b------b-....", "0-2-3---4-3-2---"),
            "hard": ("b--b..b-....b...", "s...s.s...s.s...", "0-2-0-3-0-2-0-4-", "h---h---h-h-h---"),
        },
        extra={
            "soft": ("P---------------", "loop"),
            "mid": ("loop", "P---------------", "loop"),
            "hard": ("loop", "H.......H.H.....", "P---------------"),
        },
        melody="loop",
        programs={
            "bass": (38, 38, 33, 39),
            "accompaniment": (4, 0, 5, 11),
            "extra": (89, 48, 50, 52),
            "melody": (11, 81, 4, 73, 48),
        },
        pentatonic=0.65,
    ),
    "jazz": Style(
        tempo_bpm=(72, 184),
        kits={"soft": ("brush",), "mid": ("jazz",), "hard": ("jazz",)},
        swings=("triplet",),
        bass={
            "soft": ("R-------5-------", "R-------5---a---", "R---3---5---a---"),
            "mid": ("R---3---5---a---", "R---2---3---a---", "R---5---3---a---", "R---8---7---a---", "R---R-5-3---a---"),
            "hard": (
                "R---3---5---a---",
                "R---5-5-6---a---",
                "R---7---5---a---",
                "R---2---3---a---",
                "8---7---5---a---",
            ),
        },
        accompaniment={
            "soft": ("l-------........", "l-----l-----....", "..l---......l---", "o-------........"),
            "mid": ("l-----l-........", "..l-......l-....", "......l-....l-..", "l-........l-....", "..l---....l-l-.."),
            "hard": ("l.....l.......l.", "..s...l-..s...l-", "l.....s...l.....", "....s.....s...s."),
        },
        extra={
            "soft": ("none", "P---------------", "counter"),
            "mid": ("none", "response", "none"),
            "hard": ("none", "response", "H.....H........."),
        },
        melody="swing",
        programs={
            "bass": (32,),
            "accompaniment": (0, 26, 0, 4),
            "extra": (11, 26, 48, 57),
            "melody": (66, 56, 65, 11, 0, 26, 71),
        },
        graces=0.12,
        waltz=0.1,
        legato=("tenderness", "calmness", "sadness"),
    ),
    "metal": Style(
        tempo_bpm=(96, 184),
        kits={"soft": ("room", "power"), "mid": ("power",), "hard": ("power",)},
        swings=("straight",),
        bass={
            "soft": ("R-------R-------", "R---R---R---R---"),
            "mid": ("R-RRR-RRR-RRR-RR", "R-R-R-R-R-R-R-R-", "R--R--R-R--R--R-"),
            "hard": ("RRRRRRRRRRRRRRRR", "R-RRR-RRR-RRR-RR", "R-R-R-R-R-R-R-R-"),
        },
        accompaniment={
            "soft": ("p---------------", "0-1-2-3-2-3-2-1-", "p-------p-------", "p-------p---p---"),
            "mid": ("c.ccc.ccc.ccp---", "p---c.c.p-c.c.c.", "p--p--p-c.c.p---", "c.c.c.p-c.c.p-p-", "p-c.c.c.p-c.p-c."),
            "hard": (
                "cccccccccccccccc",
                "c.ccc.ccc.ccc.cc",
                "p---cccccccccccc",
                "ccp-ccp-ccccp-p-",
                "p-ccp-ccp-ccp-p-",
            ),
        },
        extra={
            "soft": ("P---------------", "harmony"),
            "mid": ("harmony", "P---------------", "double"),
            "hard": ("double", "harmony", "P---------------"),
        },
        melody="metal",
        programs={"bass": (33, 34, 34), "accompaniment": (30, 30, 29), "extra": (30, 48, 52), "melody": (30, 29, 30)},
        pentatonic=0.25,
        legato=("tenderness", "calmness"),
    ),
    "pop": Style(
        tempo_bpm=(78, 130),
        kits={"soft": ("standard",), "mid": ("standard", "dance"), "hard": ("dance", "room")},
        swings=("straight",),
        bass={
            "soft": ("R---------------", "R-------R-----5-", "R-----R-R-------"),
            "mid": ("R-----R-R-----R-", "R--R--R-R--R--R-", "R-----5-R---8-5-", "R-R-R-R-R-R-R-a-"),
            "hard": ("R-R-R-R-R-R-R-R-", "R.RR.RR.R.RR.R-a", "..R-..R-..R-..R-", "R-8-R-8-R-8-R-a-"),
        },
        accompaniment={
            "soft": ("0-2-3-4-3-2-3-2-", "b-------b-------", "0-1-2-4-3-4-2-1-", "o---------------"),
            "mid": ("b---b---b---b---", "b-----b-..b-b---", "d---d-u-..u-d-u-", "0-2-3-2-4-2-3-2-"),
            "hard": ("b-b-b-b-b-b-b-b-", "b--b--b-b--b--b-", "d---d-udd-u-d-ud", "..h-..h-..h-..h-"),
        },
        extra={
            "soft": ("P---------------", "counter"),
            "mid": ("P---------------", "counter", "harmony", "arp"),
            "hard": ("P---------------", "arp", "harmony", "H..H..H...H.H..."),
        },
        melody="song",
        programs={
            "bass": (33, 38, 33),
            "accompaniment": (0, 25, 4, 0),
            "extra": (89, 48, 50, 81),
            "melody": (81, 80, 73, 0, 11),
        },
        pentatonic=0.4,
    ),
    "reggae": Style(
        tempo_bpm=(66, 96),
        kits={"soft": ("reggae",), "mid": ("reggae",), "hard": ("reggae", "standard")},
        swings=("straight", "light", "light"),
        bass={
            "soft": ("R---..R-5---....", "..R-----3---5---", "R-----..5-3-R---"),
            "mid": ("R-R---..5-3-R-..", "..R-R---..3-5---", "R---..R-5-..3-5-", "..R-5-R-..R-3-5-"),
            "hard": ("R-R-5-5-R-R-3-5-", "R--R..R-5--3..R-", "R-8-..5-R-8-..a-"),
        },
        accompaniment={
            "soft": ("..s...s...s...s.",),
            "mid": ("..s...s...s...s.", "..ss..ss..ss..ss", "..s...s...s..ss."),
            "hard": ("..ss..ss..ss..ss", "..s...s...s...s."),
        },
        extra={
            "soft": ("P---------------", "counter"),
            "mid": ("S.S.S.S.S.S.S.S.", ".SS..SS..SS..SS.", "response"),
            "hard": (".SS..SS..SS..SS.", "H..H..H.........", "response"),
        },
        melody="reggae",
        programs={
            "bass": (33, 33, 38),
            "accompaniment": (27, 28, 27),
            "extra": (16, 18, 61),
            "melody": (65, 57, 16, 56, 73),
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
            "soft": ("R-----R-R-------", "R-------R---5---"),
            "mid": ("R-R-R-R-R-R-R-R-", "R-R-R-R-R-R-5-a-", "R---R-R-R---5-a-"),
            "hard": ("R-R-R-R-R-R-R-R-", "R-R-R-8-R-R-5-a-", "R-RRR-RRR-RRR-R-"),
        },
        accompaniment={
            "soft": ("0-2-3-2-4-2-3-2-", "d-------d---d-u-", "0-1-2-3-4-3-2-1-"),
            "mid": ("p---p---c.c.p---", "p-p-p-p-p-p-p-p-", "d---d-u-..u-d-u-", "p-..p-p-..p-p-.."),
            "hard": ("p-p-p-p-p-p-p-p-", "p-------p---p-p-", "p---c.c.p---c.p-", "p--p--p-p--p--p-"),
        },
        extra={
            "soft": ("P---------------", "none"),
            "mid": ("none", "riff", "P---------------"),
            "hard": ("riff", "double", "P---------------"),
        },
        melody="rock",
        programs={"bass": (33, 34, 33), "accompaniment": (29, 30, 27), "extra": (16, 18, 0), "melody": (27, 29, 30)},
        pentatonic=0.6,
        graces=0.06,
        legato=("tenderness", "calmness", "sadness"),
    ),
}
WALTZ_BASS = ("R-----------", "R---........", "R-------5---")
WALTZ_ACCOMPANIMENT = ("....b-..b-..", "....b---b---", "0-1-2-3-2-1-", "0-2-3-2-3-2-", "w-----------")
WALTZ_EXTRA = ("counter", "harmony", "P-----------")
