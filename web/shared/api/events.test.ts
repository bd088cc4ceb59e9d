import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { followEvents } from './events'

type Answer = (request: RequestInit) => Promise<Response>

const said: string[] = []
let stop = (): void => undefined

/** A stream that says these pieces and then stays open, or ends. */
function stream(pieces: string[], end = false): Answer {
  return () =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          start(controller) {
            for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
            if (end) controller.close()
          },
        }),
      ),
    )
}

function serve(...answers: Answer[]) {
  const fetch = vi.fn((_: string, request: RequestInit) => (answers.shift() ?? stream([]))(request))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

function listen(): void {
  stop = followEvents({
    onOpen: () => said.push('open'),
    onCut: () => said.push('cut'),
    onEvent: (kind) => said.push(kind),
  })
}

beforeEach(() => {
  said.length = 0
  vi.useFakeTimers()
})

afterEach(() => {
  stop()
  vi.useRealTimers()
})

it('tells what happens, however the bytes are cut', async () => {
  serve(stream([': connected\n\nid: 7\nevent: order', '.paid\ndata: {}\n\nid: 8\neve', 'nt: price.changed\ndata: {}\n\n']))
  listen()
  await vi.advanceTimersByTimeAsync(100)
  expect(said).toEqual(['open', 'order.paid', 'price.changed'])
})

it('says when it is cut, and goes on where it broke', async () => {
  const fetch = serve(
    stream(['id: 7\nevent: order.paid\ndata: {}\n\n'], true),
    () => Promise.reject(new TypeError('no network')),
    stream([]),
  )
  listen()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(said).toEqual(['open', 'order.paid', 'cut', 'cut', 'open'])
  expect(fetch.mock.calls[2]?.[1].headers).toMatchObject({ 'last-event-id': '7' })
})

it('goes on without a word when the server ends a stream that was open for a while', async () => {
  const ended: Answer = () =>
    Promise.resolve(new Response(new ReadableStream({ start: (controller) => void setTimeout(() => controller.close(), 20_000) })))
  const fetch = serve(ended, stream([]))
  listen()
  await vi.advanceTimersByTimeAsync(21_000)
  expect(said).toEqual(['open', 'open'])
  expect(fetch).toHaveBeenCalledTimes(2)
})

it('takes a long silence for a cut', async () => {
  serve(stream([]))
  listen()
  await vi.advanceTimersByTimeAsync(41_000)
  expect(said).toEqual(['open', 'cut'])
})

it('is quiet once nobody listens', async () => {
  const fetch = serve(stream([], true))
  listen()
  stop()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(said).not.toContain('cut')
  expect(fetch).toHaveBeenCalledOnce()
})
