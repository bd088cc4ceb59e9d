/** The amounts a customer is likely to hand over for `dueFen`: exact, then the next notes up. */
export function quickAmounts(dueFen: number): number[] {
  const notes = [500, 1000, 2000, 5000, 10_000]
  const next = notes.map((note) => Math.ceil(dueFen / note) * note)
  return [...new Set([dueFen, ...next])].sort((a, b) => a - b).slice(0, 6)
}
