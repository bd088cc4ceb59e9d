/** Names for the generated types. A field the server always sends, though it may be null, is not optional here. */
import type { components } from './schema.gen'

type Schemas = components['schemas']

/** The server writes every field of an answer; `null` where there is nothing. */
type Answered<T> = T extends object ? { [K in keyof T]-?: Answered<Exclude<T[K], undefined>> } : T

export type Request<Name extends keyof Schemas> = Schemas[Name]
export type Answer<Name extends keyof Schemas> = Answered<Schemas[Name]>
