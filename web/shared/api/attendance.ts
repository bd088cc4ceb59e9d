/** Whether somebody is before this page: then what it asks counts as theirs, else as asked by itself. */

/** A page that nobody has touched for so long asks by itself. */
const attendedMs = 60_000
const touches = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** Opening a page is somebody's doing. */
let touchedAt = Date.now()

for (const kind of touches) {
  window.addEventListener(kind, () => (touchedAt = Date.now()), { capture: true, passive: true })
}

export function isAttended(): boolean {
  return Date.now() - touchedAt < attendedMs
}
