/** Times come as RFC 3339 UTC and are shown in the store's time zone; business days are yyyymmdd. */

const formats = new Map<string, Intl.DateTimeFormat>()

function format(zone: string | undefined, seconds: boolean): Intl.DateTimeFormat {
  const key = `${zone ?? ''}/${seconds ? 's' : 'm'}`
  const known = formats.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
    ...(zone && { timeZone: zone }),
  })
  formats.set(key, made)
  return made
}

/** `2026-11-22 16:15`, or with seconds. */
export function formatTime(iso: string, zone?: string, seconds = false): string {
  return format(zone, seconds).format(new Date(iso))
}

/** `16:15`. */
export function formatClock(iso: string, zone?: string): string {
  return formatTime(iso, zone).slice(-5)
}

/** `20261122` → `2026-11-22`. */
export function formatDay(day: number): string {
  const text = day.toString()
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
}

/** `2026-11-22` → `20261122`. */
export function parseDay(text: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  return match ? Number(match.slice(1).join('')) : null
}

/** The day it is there at that moment: `2026-11-22`. */
export function localDay(at: number, zone?: string): string {
  return formatTime(new Date(at).toISOString(), zone).slice(0, 10)
}

/** When a business day begins, `plus` days on: `2026-11-22` in Shanghai with cut-off 4 → 20:00 UTC the day before. */
export function dayStart(day: string, zone?: string, cutoffHour = 0, plus = 0): string {
  const wall = Date.parse(`${day}T00:00:00Z`) + plus * 86_400_000 + cutoffHour * 3_600_000
  const shown = Date.parse(formatTime(new Date(wall).toISOString(), zone).replace(' ', 'T') + ':00Z')
  return new Date(wall - (shown - wall)).toISOString()
}
