/* What the player shows and what a person does with it; page/tape.js has the sound.

   Gradio writes the server's attributes over ours whenever the HTML changes, so nothing is kept in the page: a tape
   knows, and `draw` puts it there again. One set of listeners serves every player, also those that appear later. */

const LOWEST_HZ = 40, BAR_PX = 7;
const still = matchMedia('(prefers-reduced-motion: reduce)');
const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, '0')}`;

/* One sound at a time on this page. */
const somethingPlays = () => [...document.querySelectorAll('audio, video')].some((node) => !node.paused)
  || [...tapes.values()].some((tape) => tape.voice);
const hush = (but) => {
  for (const node of document.querySelectorAll('audio, video')) node.pause();
  for (const tape of tapes.values()) if (tape !== but && (tape.voice || tape.wanted)) tape.pause();
};

/* The page */
const figureOf = (tape) => document.querySelector(`.syn-music[data-job="${CSS.escape(tape.job)}"]`);
const tapeOf = (node) => {
  const figure = node instanceof Element ? node.closest('.syn-music') : null;
  return figure ? tapes.get(figure.dataset.job) : undefined;
};
const set = (node, name, value) => { if (node && node.getAttribute(name) !== String(value)) node.setAttribute(name, value); };
const write = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };
function show(tape) { const figure = figureOf(tape); if (figure) draw(figure, tape); }
function draw(figure, tape) {
  const find = (name) => figure.querySelector(name);
  const atS = tape.rate ? tape.position() / tape.rate : 0, wholeS = tape.seconds;
  const begun = atS > 0 || tape.voice !== null;
  set(figure, 'data-state', tape.state);
  figure.style.setProperty('--at', Math.min(1, atS / wholeS).toFixed(5));
  figure.classList.toggle('is-begun', begun);
  const seek = find('.syn-seek');
  set(seek, 'aria-valuenow', Math.round(atS));
  set(seek, 'aria-valuetext', `${clock(atS)} of ${clock(wholeS + 0.5)}`);
  write(find('.syn-clock'), `${clock(atS)} / ${clock(wholeS + 0.5)}`);
  set(find('.syn-go'), 'aria-label', { playing: 'Pause', waiting: 'Pause', blocked: 'Play it now' }[tape.state] ?? 'Play');
  set(find('.syn-loop'), 'aria-pressed', tape.loop);
  set(find('.syn-zoom'), 'aria-pressed', tape.near);
  figure.classList.toggle('is-near', tape.near);
  if (tape.near && tape.voice) keepInSight(find('.syn-lanes'), atS / wholeS);
  if (!tape.voice) paint(find('.syn-spectrum'), false);
  const volume = find('.syn-volume input');
  if (volume && document.activeElement !== volume) volume.value = loudness;
}
/* Near to, the lanes turn their page when the playhead leaves it, or comes back. */
function keepInSight(lanes, part) {
  const x = part * lanes.scrollWidth - lanes.scrollLeft;
  if (x < 0 || x > 0.92 * lanes.clientWidth) lanes.scrollLeft += x - 0.08 * lanes.clientWidth;
}
function sync() {
  const figures = [...document.querySelectorAll('.syn-music')];
  const jobs = new Set(figures.map((figure) => figure.dataset.job));
  for (const tape of [...tapes.values()]) if (!jobs.has(tape.job)) tape.drop();
  for (const figure of figures) {
    const { job } = figure.dataset;
    if (!tapes.has(job)) tapes.set(job, new Tape(job));
    tapes.get(job).follow(figure);
    draw(figure, tapes.get(job));
  }
}

/* Playhead and spectrum, as long as something plays. */
let animated = false;
function animate() {
  if (animated) return;
  animated = true;
  requestAnimationFrame(function frame() {
    const playing = [...tapes.values()].filter((tape) => tape.voice);
    for (const tape of playing) {
      if (tape.voice.isOver()) tape.starve();
      show(tape);
      paint(figureOf(tape)?.querySelector('.syn-spectrum'), true);
    }
    animated = playing.length > 0;
    if (animated) requestAnimationFrame(frame);
  });
}
/* Bars of equal musical width, rising by 3 dB an octave as music falls; flat where nothing plays. */
function paint(canvas, sounding) {
  if (!canvas || !canvas.clientWidth || (still.matches && sounding)) return;
  const analyser = desk?.analyser, rate = desk?.rate ?? RATE_HZ, scale = devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight, n = Math.max(8, Math.floor(width / BAR_PX));
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const levels = new Uint8Array(N_BINS), pen = canvas.getContext('2d'), style = getComputedStyle(canvas);
  if (sounding) analyser.getByteFrequencyData(levels);
  const octaves = Math.log2(rate * 0.45 / LOWEST_HZ), binHz = rate / 2 / N_BINS;
  const ink = pen.createLinearGradient(0, 0, width, 0);
  ink.addColorStop(0, style.getPropertyValue('--syn-second') || 'gray');
  ink.addColorStop(1, style.getPropertyValue('--syn-accent') || 'gray');
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = ink;
  pen.globalAlpha = sounding ? 1 : 0.4;
  for (let bar = 0; bar < n; bar += 1) {
    const low = LOWEST_HZ * 2 ** (octaves * bar / n) / binHz, high = LOWEST_HZ * 2 ** (octaves * (bar + 1) / n) / binHz;
    let level = levels[Math.round((low + high) / 2)];
    for (let bin = Math.ceil(low); bin < high; bin += 1) level = Math.max(level, levels[bin]);
    const tilted = level ? Math.min(1, Math.max(0, level / 255 + (octaves * bar / n - octaves / 2) * 3 / 70)) : 0;
    const tall = Math.max(2, tilted * height);
    pen.beginPath();
    pen.roundRect(bar * width / n + 1, height - tall, width / n - 2, tall, 2);
    pen.fill();
  }
}

/* What a person does. Any press of a button lets the page make sound later on, when the job's first piece is there. */
document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest('button') && !desk) { deskAt(RATE_HZ).context.resume().catch(() => {}); rest(); }
  const tape = tapeOf(target);
  if (!tape) return;
  if (target.closest('.syn-go')) { if (tape.voice || tape.state === 'waiting') tape.pause(); else tape.play(); }
  else if (target.closest('.syn-loop')) tape.setLoop(!tape.loop);
  else if (target.closest('.syn-zoom')) { tape.near = !tape.near; show(tape); }
}, true);
document.addEventListener('input', (event) => {
  if (!(event.target instanceof Element) || !event.target.matches('.syn-volume input')) return;
  loudness = Number(event.target.value);
  remembered('syn-volume', loudness);
  desk?.volume.gain.setTargetAtTime((loudness / 100) ** 2, desk.context.currentTime, 0.01);
});
const pointed = (event) => {
  const box = event.target.getBoundingClientRect();
  return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
};
const scrubbing = (event, tape, at) => { tape.scrub = at; show(tape); };
document.addEventListener('pointerdown', (event) => {
  const tape = tapeOf(event.target);
  if (!tape || event.button || !event.target.matches('.syn-seek')) return;
  event.target.setPointerCapture(event.pointerId);
  scrubbing(event, tape, pointed(event) * tape.seconds * (tape.rate || 1));
});
document.addEventListener('pointermove', (event) => {
  const tape = tapeOf(event.target);
  if (tape && tape.scrub !== null) scrubbing(event, tape, pointed(event) * tape.seconds * (tape.rate || 1));
});
for (const name of ['pointerup', 'pointercancel']) {
  document.addEventListener(name, (event) => {
    const tape = tapeOf(event.target);
    if (!tape || tape.scrub === null) return;
    tape.scrub = null;
    if (name === 'pointerup') tape.seek(pointed(event) * tape.seconds); else show(tape);
  });
}
document.addEventListener('keydown', (event) => {
  const tape = tapeOf(event.target);
  if (!tape || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('button, a, input')) return;
  const atS = tape.position() / (tape.rate || 1);
  const steps = { ArrowRight: 2, ArrowUp: 2, ArrowLeft: -2, ArrowDown: -2, PageUp: 10, PageDown: -10 };
  if (event.key in steps) tape.seek(atS + steps[event.key]);
  else if (event.key === 'Home') tape.seek(0);
  else if (event.key === 'End') tape.seek(tape.seconds);
  else if (event.key === ' ' || event.key === 'Enter') { if (tape.voice || tape.state === 'waiting') tape.pause(); else tape.play(); }
  else if (event.key === 'l') tape.setLoop(!tape.loop);
  else return;
  event.preventDefault();
});
document.addEventListener('play', (event) => {
  if (event.target instanceof HTMLMediaElement) for (const tape of tapes.values()) if (tape.voice || tape.wanted) tape.pause();
}, true);
new MutationObserver(sync).observe(document, {
  subtree: true, childList: true, attributes: true, attributeFilter: ['data-feed', 'data-sound', 'data-job'],
});
sync();
