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
