/** What can be done with a thing, as data: the same on a button, in a row and in a menu. */
import type { Component } from 'vue'

export interface Action<T> {
  name: string
  /** Key in the locales. */
  label: string
  icon?: Component
  tone?: 'danger' | 'primary'
  visible?: (thing: T) => boolean
  run: (thing: T) => unknown
}

export function actionsFor<T>(actions: Action<T>[], thing: T): Action<T>[] {
  return actions.filter(({ visible }) => visible?.(thing) ?? true)
}
