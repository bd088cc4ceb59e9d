/** A link that enrols this browser, `/pos/#enrol=ABCDEFGH`: behind the # nothing gets into a server's log. */

/** The code in the address, which is taken out of it. */
export function takeInvitation(): string {
  const code = /^#enrol=([\w-]{8,20})$/.exec(window.location.hash)?.[1] ?? ''
  if (code) window.history.replaceState(null, '', window.location.pathname)
  return code
}
