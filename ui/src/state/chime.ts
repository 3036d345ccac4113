// The bell, struck once: two partials of a small brass bell, made on the spot so that no sound file is shipped.

let context: AudioContext | null = null;

export function chime(): void {
  if (typeof AudioContext === 'undefined') return;
  context ??= new AudioContext();
  const at = context.currentTime;
  for (const [frequency, loudness, seconds] of [[1568, 0.12, 1.1], [3951, 0.04, 0.6]] as const) {
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.frequency.value = frequency;
    level.gain.setValueAtTime(loudness, at);
    level.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
    tone.connect(level).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
  }
}
