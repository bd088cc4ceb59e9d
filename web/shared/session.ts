/**
 * What this browser owns: who is signed in, the till it is enrolled as, language and theme.
 * Keeps nothing the server decides longer than the page lives, but the device token and, at a till, the
 * last answer to who we are: it counts only while the server cannot be reached.
 */
import { StorageSerializers, useLocalStorage, usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, watchEffect } from 'vue'
import { onSessionLost, setTerminalToken } from './api/http'
import { type CurrentSession, type TerminalKind, identity } from './api/identity'
import { ApiError, OfflineError, errorCode } from './api/errors'
import { type Language, isLanguage, useLanguage } from './i18n'

export type Theme = 'light' | 'dark' | 'auto'

type Known = Omit<CurrentSession, 'store'> & { store: CurrentSession['store'] | null }

/** A network that swallows everything must not keep a till from opening. */
const patienceMs = 5000

const nobody: Known = { user: null, permissions: [], with_approval: [], store: null, terminal: null }

export const useSession = defineStore('session', () => {
  const current = ref<Known>(nobody)
  const loaded = ref(false)
  const acting = ref(false)
  const language = useLocalStorage<Language>('aisle.language', 'zh-CN')
  const theme = useLocalStorage<Theme>('aisle.theme', 'auto')
  const terminalToken = useLocalStorage<string | null>('aisle.terminal', null)
  const lastAnswer = useLocalStorage<CurrentSession | null>('aisle.till.session', null, {
    serializer: StorageSerializers.object,
  })
  const unconfirmed = ref(false)
  const prefersDark = usePreferredDark()

  const user = computed(() => current.value.user)
  const store = computed(() => current.value.store)
  const terminal = computed(() => current.value.terminal)
  /** At a till also what a second person has to agree to: the server asks for that each time. */
  const permissions = computed(() => {
    const { permissions: held, with_approval, terminal: here } = current.value
    return new Set(here ? [...held, ...with_approval] : held)
  })
  const dark = computed(() => (theme.value === 'auto' ? prefersDark.value : theme.value === 'dark'))

  onSessionLost(forget)
  watchEffect(() => document.documentElement.classList.toggle('dark', dark.value))

  /** Asks the server who we are; nobody when the session has ended. A till without a network goes on as before. */
  async function load(): Promise<void> {
    try {
      accept(await askWhoWeAre())
    } catch (error) {
      if (isSignedOut(error)) forget()
      else if (acting.value && error instanceof OfflineError && lastAnswer.value) goOnAs(lastAnswer.value)
      else throw error
    } finally {
      loaded.value = true
    }
  }

  function accept(answer: CurrentSession): void {
    current.value = answer
    unconfirmed.value = false
    if (acting.value) lastAnswer.value = answer.user && answer.terminal ? answer : null
  }

  function goOnAs(known: CurrentSession): void {
    current.value = { ...nobody, ...known } // an older page may have kept less
    unconfirmed.value = true
  }

  function forget(): void {
    current.value = nobody
    lastAnswer.value = null
    unconfirmed.value = false
  }

  /** What was taken for granted without a network is asked once there is one. Trouble leaves it as it is. */
  async function confirm(): Promise<void> {
    if (unconfirmed.value) await load().catch(() => undefined)
  }

  /** A device token that no longer counts is forgotten, so that the person can still sign in. */
  async function askWhoWeAre(): Promise<CurrentSession> {
    try {
      return await identity.currentSession(lastAnswer.value ? AbortSignal.timeout(patienceMs) : undefined)
    } catch (error) {
      if (!acting.value || !isSignedOut(error)) throw error
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

  async function signIn(username: string, secret: string, by: 'password' | 'pin' = 'password'): Promise<void> {
    const call = by === 'pin' ? identity.signInByPin : identity.signIn
    try {
      await call(username, secret)
    } catch (error) {
      if (!isSignedOut(error) || errorCode(error) === 'bad_credentials' || !terminalToken.value) throw error
      // The device was ended: without its token the person gets in and can enrol it anew.
      terminalToken.value = null
      setTerminalToken(null)
      await call(username, secret)
    }
    await load()
  }

  async function signOut(): Promise<void> {
    await identity.signOut()
    forget()
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
    confirm,
    signIn,
    signOut,
    enrol,
    actAsTerminal,
    setLanguage,
    start,
    can,
  }
})

function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}
