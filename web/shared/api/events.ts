/**
 * What happens in the store, as it happens. Read by fetch, for EventSource cannot name the device, and a
 * session that began at a till is worth nothing without it. Promises: goes on where the stream broke,
 * and tells when it is cut; a connection that has been silent for too long counts as cut.
 */
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { send } from './http'

export interface EventListeners {
  onOpen: () => void
  onEvent: (kind: string) => void
  onCut: () => void
}

const againMs = 3000
/** The server says something every 15 seconds. */
const silenceMs = 40_000

/** Listens until the function answered is called. */
export function followEvents(listeners: EventListeners): () => void {
  const stopped = new AbortController()
  void follow(listeners, stopped.signal)
  return () => stopped.abort()
}

async function follow(listeners: EventListeners, stopped: AbortSignal): Promise<void> {
  const place = { id: '' }
  for (;;) {
    const began = Date.now()
    // Whatever cut it, the remedy is the same.
    const ended = await readOnce(listeners, stopped, place).catch(() => false)
    if (stopped.aborted) return
    // The server ends a stream whose token has died: with the one of now it goes on, and nothing was cut.
    if (ended && Date.now() - began > againMs) continue
    listeners.onCut()
    await new Promise((done) => setTimeout(done, againMs))
  }
}

/** True when the server ended the stream, false when it fell silent. */
async function readOnce(listeners: EventListeners, stopped: AbortSignal, place: { id: string }): Promise<boolean> {
  const headers = place.id ? { 'last-event-id': place.id } : undefined
  const response = await send('GET', '/events', { headers, signal: stopped })
  let timer: ReturnType<typeof setTimeout> | undefined
  let silent = false
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      silent = true
      void reader?.cancel()
    }, silenceMs)
  }
  const parser = new EventSourceParserStream({ onComment: heard })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(parser).getReader()
  if (!reader) return false
  listeners.onOpen()
  try {
    for (;;) {
      heard()
      const { done, value } = await reader.read()
      if (done) return !silent
      if (value.id) place.id = value.id
      if (value.event) listeners.onEvent(value.event)
    }
  } finally {
    clearTimeout(timer)
  }
}
