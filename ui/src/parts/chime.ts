/**
 * A short sound. Browsers stay silent until somebody has touched the page, so the sound is made ready then; whoever has
 * not touched it hears nothing, and sees and is told the same as everybody.
 */
const TONES_HZ = [784, 1047, 1319];
const TONE_SECS = 0.16;
const FADE_SECS = 0.5;
const LOUDNESS = 0.18;
const TOUCHES = ['pointerup', 'keydown'] as const;

let audio: AudioContext | undefined;

/** Makes the sound ready, with the next touch if there was none yet. */
export function readyChime(): () => void {
  const forget = () => TOUCHES.forEach((touch) => removeEventListener(touch, wake));
  const wake = () => {
    forget();
    audio ??= typeof AudioContext === 'undefined' ? undefined : new AudioContext();
  };
  if (navigator.userActivation?.hasBeenActive) wake();
  else TOUCHES.forEach((touch) => addEventListener(touch, wake));
  return forget;
}

export async function chime(): Promise<void> {
  if (!audio) return;
  // A phone that slept has stopped it.
  if (audio.state !== 'running') await audio.resume().catch(() => {});
  if (audio.state !== 'running') return;
  TONES_HZ.forEach((pitch, index) => tone(audio!, pitch, audio!.currentTime + index * TONE_SECS));
}

function tone(audio: AudioContext, pitch: number, from: number): void {
  const source = new OscillatorNode(audio, { frequency: pitch });
  const volume = new GainNode(audio, { gain: 0 });
  // Without a ramp at both ends it would click.
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, from + FADE_SECS);
  source.connect(volume).connect(audio.destination);
  source.start(from);
  source.stop(from + FADE_SECS);
}
