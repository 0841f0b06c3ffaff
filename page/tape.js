/* The sound of the player: finished clips, and clips that are still being made (see page/player.py, page/stream.py).

   Each job on the page has a Tape: its sound as buffers that follow one another, and at most one Voice that plays them.
   A voice has an origin, the context's frame at which the clip's first sample would sound; a buffer that begins at
   sample k starts at frame origin + k exactly, so that pieces touch. The context runs at the clip's own rate: played at
   another one, each buffer would be interpolated for itself and its edges would be heard.

   Times are whole frames at the tape's rate unless a name ends in S (seconds) or Ms. page/player.js shows it all; the
   two are one script (page/player.py, `head`). */

const FADE_S = 0.005, CROSS_S = 0.03, LEVEL_S = 4;
/* Between deciding and sounding; what is set for a moment that is over starts late and out of step, so on a busy machine
   this is what keeps pieces together. Going over into the finished clip has time. */
const LEAD_S = 0.1, OVER_LEAD_S = 0.4, LATE_S = 0.08;
const CUSHION_S = 0.4, IDLE_MS = 1500, TRIES = 4, RATE_HZ = 32000;
const N_BINS = 2048;
const tapes = new Map();
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/* The one audio context, with the page's volume and what the spectrum looks at. */
let desk = null, resting = 0;
let loudness = Number(remembered('syn-volume') ?? 100);
function remembered(name, value) {
  try { // storage may be forbidden
    if (value !== undefined) localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch { return null; }
}
function deskAt(rate) {
  clearTimeout(resting);
  if (desk && desk.rate === rate) return desk;
  desk?.context.close();
  if (navigator.audioSession) navigator.audioSession.type = 'playback'; // or a phone's silent switch mutes music
  let context;
  try { context = new AudioContext({ sampleRate: rate }); } catch { context = new AudioContext(); }
  const volume = context.createGain(), analyser = context.createAnalyser();
  Object.assign(analyser, { fftSize: 2 * N_BINS, smoothingTimeConstant: 0.75, minDecibels: -90, maxDecibels: -20 });
  volume.gain.value = (loudness / 100) ** 2;
  volume.connect(analyser).connect(context.destination);
  context.onstatechange = () => { // a busy machine may take longer to begin than a tape waits
    if (context.state !== 'running') return;
    for (const tape of tapes.values()) if (tape.wanted && tape.state === 'blocked') tape.play();
  };
  desk = { context, volume, analyser, rate };
  return desk;
}
const rest = () => { // a running context keeps the sound card and a core awake
  clearTimeout(resting);
  resting = setTimeout(() => { if (![...tapes.values()].some((tape) => tape.voice)) desk?.context.suspend(); }, IDLE_MS);
};

async function bufferAt(url, rate) {
  for (let trial = 1; ; trial += 1) {
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`${answer.status}`);
      return await new OfflineAudioContext(1, 1, rate).decodeAudioData(await answer.arrayBuffer());
    } catch (error) {
      if (trial === TRIES) throw error;
      await wait(150 * 2 ** trial);
    }
  }
}

/* Plays a tape's buffers: node -> edge (opens, and closes before a piece that is late) -> level (towards the finished
   file's loudness) -> out (pause, cross-fade) -> volume. One gain each: their curves never meet. */
class Voice {
  constructor(tape, from, first, { fade = FADE_S, level = 1 } = {}) {
    const { context, volume } = deskAt(tape.rate);
    Object.assign(this, { tape, context, rate: tape.rate, origin: first - from, upto: from, nodes: new Set(), released: false });
    [this.edge, this.level, this.out] = [1, 2, 3].map(() => context.createGain());
    this.edge.connect(this.level).connect(this.out).connect(volume);
    const startS = first / this.rate;
    if (fade) {
      this.edge.gain.setValueAtTime(0, 0);
      this.edge.gain.setValueAtTime(0, startS);
      this.edge.gain.linearRampToValueAtTime(1, startS + fade);
    }
    if (level !== 1) {
      this.level.gain.setValueAtTime(level, 0);
      this.level.gain.setValueAtTime(level, startS + CROSS_S);
      this.level.gain.linearRampToValueAtTime(1, startS + CROSS_S + LEVEL_S);
    }
    this.extend();
  }
  now() { return this.context.currentTime * this.rate; }
  position() { return Math.max(0, this.now() - this.origin); }
  tailS() { return (this.origin + this.upto) / this.rate - FADE_S; }
  isLate() { return this.closing > 0 && this.context.currentTime > this.closing - LATE_S; }
  isOver() { return this.closing > 0 && this.context.currentTime > this.closing; }
  /* Put every buffer that is there but not yet scheduled behind the last one; where more is to come, close softly. */
  extend() {
    if (this.closing) this.edge.gain.cancelScheduledValues(this.closing);
    for (const { start, buffer } of this.tape.segments) {
      if (start + buffer.length <= this.upto) continue;
      const node = this.context.createBufferSource();
      node.buffer = buffer;
      node.loop = this.tape.complete && this.tape.loop;
      node.connect(this.edge);
      node.start((this.origin + this.upto) / this.rate, (this.upto - start) / this.rate);
      node.onended = () => this.ended(node);
      this.nodes.add(node);
      this.upto = start + buffer.length;
    }
    this.closing = this.tape.allIn() ? 0 : this.tailS();
    if (this.closing) {
      this.edge.gain.setValueAtTime(1, this.closing);
      this.edge.gain.linearRampToValueAtTime(0, this.closing + FADE_S);
    }
  }
  ended(node) {
    this.nodes.delete(node);
    if (!this.released && !this.nodes.size && this.tape.allIn()) this.tape.over(this);
  }
  setLoop(on) { for (const node of this.nodes) node.loop = on; }
  /* Silent within `fadeS` from `whenS` on. */
  release(fadeS = FADE_S, whenS = this.context.currentTime) {
    this.released = true;
    this.out.gain.setValueAtTime(1, whenS);
    this.out.gain.linearRampToValueAtTime(0, whenS + fadeS);
    for (const node of this.nodes) node.stop(whenS + fadeS + 0.01);
  }
}

class Tape {
  constructor(job) {
    Object.assign(this, {
      job, segments: [], at: 0, rate: 0, seconds: 1, pace: 0, state: 'idle', voice: null, wanted: false,
      loop: false, near: false, complete: false, collecting: false, level: 1, asked: 0, sound: '', feed: null, loading: null, dropped: false, scrub: null,
    });
  }
  made() { const last = this.segments.at(-1); return last ? last.start + last.buffer.length : 0; }
  whole() { return this.complete ? this.made() : Math.round(this.seconds * this.rate); }
  allIn() { return this.complete || (this.rate > 0 && this.made() >= this.whole()); }
  position() {
    if (this.scrub !== null) return this.scrub;
    if (!this.voice) return this.at;
    const at = this.voice.position();
    return this.complete ? at % this.made() : Math.min(at, this.made());
  }
  turn(state) { this.state = state; show(this); if (state === 'playing') animate(); else rest(); }

  /* Sound. Where too little is there to go on without a gap, it waits. */
  async play() {
    this.wanted = true;
    hush(this);
    if (!this.rate) return this.turn('waiting');
    const { context } = deskAt(this.rate);
    if (context.state !== 'running') await Promise.race([context.resume().catch(() => {}), wait(400)]);
    if (this.dropped || !this.wanted || this.voice) return undefined;
    if (context.state !== 'running') return this.turn('blocked');
    if (!this.segments.length || this.made() - this.at < this.cushion()) {
      this.turn('waiting');
      return this.sound && this.load();
    }
    this.voice = new Voice(this, Math.round(this.at), this.soon(), { fade: this.at >= 1 ? FADE_S : 0, level: this.level });
    this.level = 1;
    return this.turn('playing');
  }
  soon(leadS = LEAD_S) { return Math.ceil((desk.context.currentTime + leadS) * this.rate); }
  /* How much has to be there beyond the playhead: at a pace below real time, what will be lacking at the end. */
  cushion() {
    if (this.allIn()) return 0;
    const leftS = this.seconds - this.at / this.rate;
    const lackingS = this.pace ? Math.max(0, 1 - this.pace) * leftS : 0;
    return Math.min(leftS, Math.max(CUSHION_S, lackingS)) * this.rate - 1;
  }
  pause() {
    this.wanted = false;
    this.halt(this.position());
    this.turn('idle');
  }
  halt(at) {
    this.voice?.release();
    this.voice = null;
    this.at = Math.max(0, at);
  }
  seek(seconds) {
    const latest = this.segments.length ? this.made() - 1 : this.whole();
    const at = Math.round(Math.min(Math.max(0, seconds * (this.rate || 1)), Math.max(0, latest)));
    const goesOn = this.voice !== null || this.state === 'waiting';
    this.halt(at);
    if (goesOn) this.play(); else show(this);
  }
  setLoop(on) { this.loop = on; this.voice?.setLoop(on && this.complete); show(this); }
  over(voice) {
    if (this.voice !== voice) return;
    this.voice = null;
    Object.assign(this, { at: 0, wanted: false });
    this.turn('idle');
  }
  /* The next piece is late: the voice has closed by itself; go on from where it began to. */
  starve() {
    this.halt(Math.max(0, this.voice.upto - Math.round(FADE_S * this.rate)));
    this.turn('waiting');
  }
  drop() {
    this.dropped = true;
    this.halt(0);
    tapes.delete(this.job);
    rest();
  }

  /* What the page says there is: all pieces so far, or the finished clip. */
  follow(figure) {
    const { feed, sound, seconds, rate } = figure.dataset;
    this.seconds = Number(seconds) || 1;
    if (sound && sound !== this.sound) {
      this.rate ||= Number(rate) || RATE_HZ;
      this.sound = sound;
      if (this.feed) this.load(); // a stream goes over into it; any other clip is fetched when somebody wants it
    } else if (feed && !sound && feed !== this.read) {
      if (!this.feed && !somethingPlays()) Object.assign(this, { wanted: true, state: 'waiting' });
      this.read = feed;
      this.feed = JSON.parse(feed);
      Object.assign(this, { rate: this.rate || this.feed.rate_hz, pace: this.feed.pace });
      this.collect();
    }
  }
  /* Fetch, in order, each piece that the feed names and that was not fetched yet; one collector at a time. */
  async collect() {
    if (this.collecting) return;
    this.collecting = true;
    try {
      while (!this.dropped && !this.complete && this.asked < this.feed.ends.length) {
        const buffer = await bufferAt(`${this.feed.base}${this.asked}.wav`, this.rate);
        if (this.dropped || this.complete) return;
        this.segments.push({ start: this.made(), buffer });
        this.asked += 1;
        this.arrived();
      }
    } catch { /* the piece is gone: the finished clip will have it */ } finally { this.collecting = false; }
  }
  arrived() {
    if (this.voice?.isLate()) this.starve();
    if (this.voice) this.voice.extend();
    else if (this.wanted && this.state !== 'blocked') this.play();
    show(this);
  }
  load() {
    this.loading ??= bufferAt(this.sound, this.rate).then((buffer) => this.finish(buffer)).catch(() => {
      this.loading = null;
      if (!this.dropped && !this.voice) this.turn('failed');
    });
    return this.loading;
  }
  /* The finished clip takes over at the same position: same origin, so both run in step under the cross-fade. */
  finish(buffer) {
    if (this.dropped) return;
    if (this.voice?.isLate()) this.starve();
    const level = this.segments.length ? this.likeness(buffer) : 1;
    const old = this.voice;
    Object.assign(this, { segments: [{ start: 0, buffer }], complete: true });
    if (!old) {
      this.level = this.at > 0 ? level : 1;
      if (this.wanted && this.state !== 'blocked') this.play();
    } else {
      const last = old.origin + Math.min(old.upto, buffer.length) - Math.ceil(CROSS_S * this.rate);
      const first = Math.min(this.soon(OVER_LEAD_S), last);
      if (first > old.now()) {
        this.voice = new Voice(this, first - old.origin, first, { fade: CROSS_S, level });
        old.release(CROSS_S, first / this.rate);
      }
    }
    show(this);
  }
  /* Loudness of the stream over that of the finished clip, around the playhead: mastering has changed it. */
  likeness(buffer) {
    const to = Math.min(buffer.length, this.made(), Math.round(this.position() + this.rate));
    const from = Math.max(0, to - 3 * this.rate);
    let before = 0, after = 0;
    for (const { start, buffer: piece } of this.segments) {
      const low = Math.max(from, start), high = Math.min(to, start + piece.length);
      if (low < high) before += power(piece, low - start, high - start);
    }
    after = power(buffer, from, to);
    return before > 0 && after > 0 ? Math.min(4, Math.max(0.1, Math.sqrt(before / after))) : 1;
  }
}
const power = (buffer, from, to) => {
  let sum = 0;
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    for (const x of buffer.getChannelData(channel).subarray(from, to)) sum += x * x;
  }
  return sum / buffer.numberOfChannels;
};
