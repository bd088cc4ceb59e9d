/** Three sounds a cashier tells apart without looking. Silent where the browser has no audio. */
export type Sound = 'ok' | 'unknown' | 'error'

type Tone = [hertz: number, startMs: number, lengthMs: number]

const tunes: Record<Sound, Tone[]> = {
  ok: [[1760, 0, 60]],
  unknown: [
    [440, 0, 110],
    [330, 140, 180],
  ],
  error: [
    [220, 0, 140],
    [220, 190, 140],
    [220, 380, 200],
  ],
}

let context: AudioContext | undefined

export function play(sound: Sound): void {
  if (typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume()
  for (const [hertz, startMs, lengthMs] of tunes[sound]) {
    const oscillator = context.createOscillator()
    const gain = context.createGain()
    const start = context.currentTime + startMs / 1000
    const end = start + lengthMs / 1000
    oscillator.type = sound === 'ok' ? 'sine' : 'square'
    oscillator.frequency.value = hertz
    gain.gain.setValueAtTime(0.12, start)
    gain.gain.exponentialRampToValueAtTime(0.001, end)
    oscillator.connect(gain).connect(context.destination)
    oscillator.start(start)
    oscillator.stop(end)
  }
}
