/**
 * What this browser owns: who is signed in, the till it is enrolled as, language and theme.
 * Refuses to keep anything the server decides longer than the page lives, but the device token.
 */
import { useLocalStorage, usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, watchEffect } from 'vue'
import { onSessionLost, setTerminalToken } from './api/http'
import { type CurrentSession, type TerminalKind, identity } from './api/identity'
import { ApiError } from './api/errors'
import { type Language, isLanguage, useLanguage } from './i18n'

export type Theme = 'light' | 'dark' | 'auto'

type Known = Omit<CurrentSession, 'store'> & { store: CurrentSession['store'] | null }

const nobody: Known = { user: null, permissions: [], store: null, terminal: null }

export const useSession = defineStore('session', () => {
  const current = ref<Known>(nobody)
  const loaded = ref(false)
  const acting = ref(false)
  const language = useLocalStorage<Language>('aisle.language', 'zh-CN')
  const theme = useLocalStorage<Theme>('aisle.theme', 'auto')
  const terminalToken = useLocalStorage<string | null>('aisle.terminal', null)
  const prefersDark = usePreferredDark()

  const user = computed(() => current.value.user)
  const store = computed(() => current.value.store)
  const terminal = computed(() => current.value.terminal)
  const permissions = computed(() => new Set(current.value.permissions))
  const dark = computed(() => (theme.value === 'auto' ? prefersDark.value : theme.value === 'dark'))

  onSessionLost(() => (current.value = nobody))
  watchEffect(() => document.documentElement.classList.toggle('dark', dark.value))

  /** Asks the server who we are; nobody when the session has ended. */
  async function load(): Promise<void> {
    try {
      current.value = await askWhoWeAre()
    } catch (error) {
      current.value = nobody
      if (!(error instanceof ApiError && error.status === 401)) throw error
    } finally {
      loaded.value = true
    }
  }

  /** A device token that no longer counts is forgotten, so that the person can still sign in. */
  async function askWhoWeAre(): Promise<CurrentSession> {
    try {
      return await identity.currentSession()
    } catch (error) {
      if (!acting.value || !(error instanceof ApiError && error.status === 401)) throw error
    }
    setTerminalToken(null)
    try {
      const session = await identity.currentSession()
      terminalToken.value = null
      return session
    } catch (error) {
      setTerminalToken(terminalToken.value)
      throw error
    }
  }

  async function signIn(username: string, password: string): Promise<void> {
    await identity.signIn(username, password)
    await load()
  }

  async function signOut(): Promise<void> {
    await identity.signOut()
    current.value = nobody
  }

  /** Makes this browser a till: its token goes with every call from here on. */
  async function enrol(name: string, kind: TerminalKind): Promise<void> {
    const { token } = await identity.enrolTerminal({ name, kind })
    terminalToken.value = token
    setTerminalToken(token)
    await load()
  }

  /** From here on this page is the till it was enrolled as. */
  function actAsTerminal(): void {
    acting.value = true
    setTerminalToken(terminalToken.value)
  }

  async function setLanguage(next: Language): Promise<void> {
    await useLanguage(next)
    language.value = next
  }

  /** Loads the kept language; call before the first paint. */
  async function start(): Promise<void> {
    await setLanguage(isLanguage(language.value) ? language.value : 'zh-CN')
  }

  function can(permission: string | undefined): boolean {
    return permission === undefined || permissions.value.has(permission)
  }

  return {
    user,
    store,
    terminal,
    terminalToken,
    language,
    theme,
    dark,
    loaded,
    load,
    signIn,
    signOut,
    enrol,
    actAsTerminal,
    setLanguage,
    start,
    can,
  }
})
