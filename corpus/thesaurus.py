"""Words near the vocabulary: what people write who have not read it, and the scene or mood that is nearest.

They stand in some captions of the painter's pictures, so that a prompt outside the vocabulary still leads to a picture
that fits its nearest words. Fillers name nothing that can be painted: a picture model learns to pass them over.
"""

import random

from corpus.captions import ENERGY_NAMES, Fields, genre_word, tempo_word


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split(", "))


NEAR_SCENES: dict[str, tuple[str, ...]] = {
    "mountains": _words(
        "cliffs, a canyon, the alps, rocks, a valley, a volcano, a summit, the himalayas, snow, hiking, an "
        "eagle over the ridge, winter, the highlands, a glacier, stone"
    ),
    "sea": _words(
        "the beach at low tide, a ship, a boat, surfing, water, a river, a lake, rain, a harbour, fish, a "
        "storm, sailing, the coast, the atlantic, a lighthouse, whales, sunset"
    ),
    "forest": _words(
        "trees, a wood, the jungle, a garden, nature, wolves, birds, leaves, autumn, a deer, moss, fog, a "
        "walk in the park, christmas trees, a fairy tale, green hills, flowers"
    ),
    "desert_road": _words(
        "a car, a truck, a journey, sand, the prairie, cowboys, a farm, a motorcycle, texas, fields, going "
        "home, a train, the wild west, a dusty road, driving, a horse, wheat"
    ),
    "skyline": _words(
        "new york, tokyo, london, paris, a street, houses, windows, traffic, a rooftop, the moon, bricks, "
        "night, taxi, a bridge, the suburbs, berlin, subway, apartments, a rainy street"
    ),
    "cathedral": _words(
        "a temple, a monastery, god, heaven, prayer, a choir, an angel, a castle, medieval, a king, baroque, "
        "a wedding, a funeral, an old palace, bells, bach, gothic, ceremony"
    ),
    "stage": _words(
        "a band, a singer, fans, a festival, people, a theatre, drums, a microphone, actors, an opera, "
        "dancers, ballet, the audience, a stadium, headbanging, karaoke, a show, friends"
    ),
    "vinyl": _words(
        "a gramophone, a phonograph, a jukebox, an album, a dj, a saxophone, a trumpet, a jazz club, a bar, "
        "whisky, smoke, scratching, a bebop quartet, an old song, a needle, music shop, a trombone"
    ),
    "dance_floor": _words(
        "dancing, a party, a club, a nightclub, funk, glitter, the seventies, a ballroom, high heels, house "
        "music, saturday night, champagne, birthday, chess, a disco, fireworks, confetti"
    ),
    "neon_grid": _words(
        "synthwave, a computer, a robot, the eighties, techno, a video game, cyberpunk, the future, tron, "
        "electronic music, a machine, lasers, a synthesizer, a rave, science fiction, digital, miami"
    ),
    "geometric": _words(
        "squares, triangles, cubes, abstract art, mondrian, kandinsky, a pattern, tiles, a puzzle, "
        "architecture, a poster, minimalism, mathematics, a quilt, lego, cubism, collage"
    ),
    "rings": _words(
        "an equalizer, a sound wave, a loudspeaker, a target, a clock, an eye, a pulse, a heartbeat, radio, a "
        "wheel, a mandala, vibrations, sonar, bass, echo, a bell ringing, a ripple, frequency"
    ),
    "shards": _words(
        "glass, ice, a diamond, an explosion, knives, lightning, anger, a broken mirror, chaos, spikes, a "
        "star, metal, war, a crash, polygons, thunder, fire, destruction, jewels"
    ),
    "flow": _words(
        "paint, waves of colour, marble, silk, honey, psychedelic, lava, wind, clouds, a dream, a river of "
        "paint, agate, origami, liquid, curves, a spiral, smoke rings, hair, sand dunes"
    ),
    "aurora": _words(
        "norway, iceland, the polar sky, stars, winter night, magic, a night sky, ghosts, curtains, spirits, "
        "lapland, the north, silence, the arctic, meditation, ambient, sleep, a lullaby"
    ),
    "piano": _words(
        "keys, a keyboard, a pianist, chopin, mozart, beethoven, an organ, a sonata, a concert hall, a waltz, "
        "a composer, sheet music, a nocturne, an orchestra, a violin, a cello, a piano lesson"
    ),
    "guitar": _words(
        "strings, a banjo, a ukulele, folk, a campfire, a singer songwriter, flamenco, an electric guitar, "
        "bluegrass, a bass guitar, country, spain, a mandolin, a fiddle, a guitarist, a troubadour, a lute"
    ),
    "cassette": _words(
        "a tape, a walkman, a boombox, a mixtape, a recorder, a radio cassette, graffiti, the nineties, rap, "
        "headphones, lo-fi beats, a stereo, school days, a video tape, recording, a beat, sneakers"
    ),
    "palms": _words(
        "summer, an island, jamaica, hawaii, a holiday, a hammock, cocktails, coconut, california, a parrot, "
        "the tropics, samba, salsa, calypso, surf music, brazil, cuba, paradise, sunshine"
    ),
    "planets": _words(
        "the universe, a galaxy, mars, jupiter, a rocket, an astronaut, a spaceship, aliens, the cosmos, a "
        "comet, gravity, a black hole, star wars, the milky way, orbit, the earth, infinity, moons"
    ),
}
"""For each scene what is near it, not what it shows."""

NEAR_MOODS: dict[str, tuple[str, ...]] = {
    "amazement": _words(
        "awe, wonder, astonishing, surreal, fantastic, mystic, purple, violet, dazzling, a miracle, mind- "
        "blowing, enchanted, royal, psychedelic"
    ),
    "solemnity": _words(
        "sacred, holy, grand, noble, majestic, ceremonial, navy, pompous, dignified, at midnight, reverent, "
        "sublime, spiritual, serious"
    ),
    "tenderness": _words(
        "love, romantic, gentle, sweet, soft, kiss, pink, affection, a baby, rosy, my darling, valentine, "
        "cute, delicate, in spring"
    ),
    "nostalgia": _words(
        "memories, vintage, old, retro, grandmother, sepia, childhood, long ago, antique, brown, faded, "
        "yesterday, autumn, homesick, amber, at dusk"
    ),
    "calmness": _words(
        "relaxing, peace, quiet, chill, zen, soothing, turquoise, mint, lazy, easy, fresh, a spa, sleepy, "
        "balanced, in the morning"
    ),
    "power": _words(
        "strong, heroic, epic, fierce, red, triumph, loud, energy, heavy, victory, fiery, bold, burning, "
        "brave, an army, hot"
    ),
    "joyful_activation": _words(
        "happy, fun, cheerful, sunny, yellow, laughing, party, upbeat, playful, lively, bright, smiling, "
        "carnival, hurray, in summer"
    ),
    "tension": _words(
        "scary, horror, nervous, dark, angry, creepy, green, poison, danger, stress, a nightmare, halloween, "
        "toxic, evil, haunted, suspense"
    ),
    "sadness": _words(
        "crying, lonely, melancholy, tears, rainy, grey, goodbye, heartbreak, lost, blue, depressed, "
        "mourning, cold, gloomy, alone, grief"
    ),
}
"""For each emotion words that lean towards it."""

FILLERS = _words(
    "a photo of, a painting of, an image of, beautiful, high quality, detailed, by a famous artist, album "
    "cover, wallpaper, please, like in a film, artwork, very, my favourite, poster, for my song, in the "
    "distance, with a lot of feeling, something with, digital art, 4k, trending, illustration"
)


def loose_prompt(fields: Fields, rng: random.Random) -> str:
    """A prompt as somebody writes it who knows nothing of the vocabulary: "a photo of tokyo, rainy, very slow".

    `fields` must have a scene and an emotion; each is named by a near word or left out, though never both.
    """
    named = rng.random()
    words = [rng.choice(NEAR_SCENES[fields.scene or ""])] if named < 0.85 else []
    if named >= 0.85 or rng.random() < 0.75:
        words.append(rng.choice(NEAR_MOODS[fields.emotion or ""]))
    if fields.tempo_bpm and rng.random() < 0.2:
        words.append(rng.choice(ENERGY_NAMES[tempo_word(fields.tempo_bpm)]))
    if fields.genre and rng.random() < 0.3:
        words.append(genre_word(fields.genre))
    if rng.random() < 0.4:
        words.append(rng.choice(FILLERS))
    rng.shuffle(words)
    return rng.choice((" ", ", ", " and ", ", ")).join(words)
