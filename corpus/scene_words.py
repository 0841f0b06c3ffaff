"""What the painter's scenes, their colours and their energy are called; part of the vocabulary of corpus.captions."""

SCENES: dict[str, tuple[str, ...]] = {
    "mountains": (
        "layered mountains under the sun", "mountain ridges at dawn", "snowy peaks and misty valleys",
        "rocky hills behind hills", "a mountain landscape at sunrise", "alpine summits", "mountains",
    ),
    "sea": (
        "ocean waves and a low sun", "rolling sea waves", "a sunset over the water", "the sun setting over the ocean",
        "a stormy sea with foam", "seascape with a big sun", "ocean",
    ),
    "forest": (
        "a misty pine forest", "pine trees in fog", "dark woods with a pale sun", "fir trees in the mist",
        "sunlight through the woods", "tall conifers at dusk", "forest",
    ),
    "desert_road": (
        "a desert road to the horizon", "an empty highway through the desert", "a straight road at sunset",
        "route 66 with mesas", "a lonely street in the wilderness", "driving into the sun", "road",
    ),
    "skyline": (
        "a city skyline with lit windows", "skyscrapers over water", "a city at night", "downtown under the moon",
        "high buildings and their reflection", "urban night with a full moon", "city",
    ),
    "cathedral": (
        "a cathedral window with rays of light", "light through tall gothic arches", "a stained glass church window",
        "sunbeams inside a church", "the nave of an old abbey", "a holy chapel with coloured glass", "church",
    ),
    "stage": (
        "a concert stage with spotlights", "stage lights over a crowd", "a rock band playing live",
        "musicians before a cheering audience", "a live show with raised hands", "singers at a festival gig", "concert",
    ),
    "vinyl": (
        "a vinyl record on a turntable", "a spinning black record", "an LP on a record player", "a gramophone disc",
        "an old music album seen from above", "a DJ's turntable with a needle", "record",
    ),
    "dance_floor": (
        "a mirror ball over a dance floor", "a checkered dance floor in coloured light", "a disco ball with beams",
        "a glittering night club", "a party with a glitter ball", "dancing at the discotheque", "disco ball",
    ),
    "neon_grid": (
        "a neon grid with a striped sun", "a retro neon horizon", "a synthwave sunset", "an eighties video game",
        "vaporwave sun over glowing lines", "a laser grid in cyberspace", "neon",
    ),
    "geometric": (
        "a geometric bauhaus composition", "abstract circles and triangles", "a mosaic of simple shapes",
        "modern art with squares and discs", "a mid-century pattern", "coloured blocks and half circles", "shapes",
    ),
    "rings": (
        "concentric rings of sound", "a radial equalizer", "circles with glowing bars", "a pulsing sound wave",
        "a round audio visualizer", "ripples round a bright core", "circles",
    ),
    "shards": (
        "shattered crystal shards", "exploding low poly shards", "flying broken glass", "a burst of sharp triangles",
        "a cracked diamond with rays", "an explosion of splinters", "crystal",
    ),
    "flow": (
        "flowing marbled layers", "swirling paper cut waves", "a whirl of liquid paint", "curved coloured paper",
        "an abstract spiral of smoke", "smooth twisting ribbons", "swirl",
    ),
    "aurora": (
        "northern lights over hills", "an aurora and stars", "curtains of light in the polar night",
        "glowing sky above a dark lake", "the aurora borealis in winter", "a starry arctic night", "northern lights",
    ),
    "piano": (
        "piano keys in front of a rising sun", "a piano keyboard with glowing keys", "black and white keys",
        "a grand piano seen by the player", "ivory keys and beams of light", "an organ keyboard", "piano",
    ),
    "guitar": (
        "an acoustic guitar on a sunburst", "a wooden guitar with six strings", "a folk guitar and rays",
        "a western guitar poster", "the body of a Spanish guitar", "an unplugged ukulele", "guitar",
    ),
    "cassette": (
        "a cassette tape on diagonal stripes", "an audio tape with reels", "a retro mixtape", "an old music cassette",
        "a tape from the eighties", "a boombox tape with a label", "cassette",
    ),
    "palms": (
        "palm trees on a beach at sunset", "a tropical island with palms", "coconut trees in the wind",
        "a summer holiday by the sea", "a Caribbean lagoon", "a sandy shore in paradise", "beach",
    ),
    "planets": (
        "a ringed planet among the stars", "saturn with its rings and moons", "outer space with comets",
        "a distant world in the universe", "a galaxy of stars and planets", "a cosmic voyage", "space",
    ),
}  # fmt: skip
"""Each family's phrasings: the canonical one, others that people write, and last the bare noun."""

GENRE_SCENES: dict[str, tuple[str, ...]] = {
    "blues": ("forest", "skyline", "vinyl", "guitar"),
    "classical": ("cathedral", "mountains", "aurora", "piano"),
    "country": ("desert_road", "mountains", "forest", "guitar"),
    "disco": ("dance_floor", "rings", "planets", "neon_grid"),
    "hiphop": ("skyline", "geometric", "vinyl", "cassette"),
    "jazz": ("vinyl", "geometric", "skyline", "piano"),
    "metal": ("shards", "mountains", "stage", "aurora"),
    "pop": ("neon_grid", "rings", "geometric", "cassette", "planets"),
    "reggae": ("sea", "flow", "rings", "palms"),
    "rock": ("stage", "shards", "desert_road", "guitar", "planets"),
}
"""The scenes that stand for a genre: for strong, quiet, dreamy and warm music, then others that suit it."""

COLOUR_NAMES: dict[str, tuple[str, ...]] = {
    "amazement": ("violet", "purple", "purple and yellow", "magenta and gold"),
    "solemnity": ("navy", "dark blue", "dark blue and gold", "navy and bronze"),
    "tenderness": ("pink", "rose", "pink and white", "pastel pink"),
    "nostalgia": ("sepia", "brown", "amber", "brown and orange"),
    "calmness": ("aqua", "turquoise", "teal", "turquoise and green"),
    "power": ("crimson", "red", "red and orange", "scarlet"),
    "joyful_activation": ("yellow", "sky blue", "bright blue", "blue and yellow"),
    "tension": ("acid green", "black and green", "lime", "dark green"),
    "sadness": ("blue", "grey", "grey blue", "slate"),
}
"""What people call the colours of captions.EMOTION_COLOURS in a word or two."""

ENERGY_NAMES: dict[str, tuple[str, ...]] = {
    "slow": ("slow", "still", "quiet", "simple"),
    "mid-tempo": ("mid-tempo", "steady", "moderate"),
    "fast": ("fast", "wild", "energetic", "busy"),
}
"""What people call the tempo words when they speak of a picture."""
