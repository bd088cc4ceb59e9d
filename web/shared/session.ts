/**
 * What this browser owns: who is signed in, the till it is enrolled as, language and theme.
 * Keeps nothing the server decides longer than the page lives, but the device token and, at a till, the
 * last answer to who we are: it counts only while the server cannot be reached.
 */
import { StorageSerializers, useLocalStorage, usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, watch, watchEffect } from 'vue'
import { onSessionLost, setTerminalToken } from './api/http'
import { type CurrentSession, identity } from './api/identity'
import { ApiError, isUnreachable } from './api/errors'
import { type Language, isLanguage, useLanguage } from './i18n'
import { OfflineProof } from './offlineProof'

export type Theme = 'light' | 'dark' | 'auto'

type Known = Omit<CurrentSession, 'store'> & { store: CurrentSession['store'] | null }

/** A network that swallows everything must not keep a till from opening. */
const patienceMs = 5000

const nobody: Known = {
  user: null,
  permissions: [],
  with_approval: [],
  lacks_second_factor: false,
  sees_all_stores: false,
  store: null,
  terminal: null,
}

/** What somebody signs in with. */
export interface Credentials {
  username: string
  secret: string
  by?: 'password' | 'pin'
  /** Of the second factor. */
  code?: string
}

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
  /** Somebody left while the server could not be told. */
  const leaving = useLocalStorage('aisle.till.leaving', false)
  /** This browser was a till until somebody ended it. */
  const deviceEnded = ref(false)
  const prefersDark = usePreferredDark()
  const proof = new OfflineProof()

  const user = computed(() => current.value.user)
  const store = computed(() => current.value.store)
  const terminal = computed(() => current.value.terminal)
  /** At a till also what a second person has to agree to: the server asks for that each time. */
  const permissions = computed(() => {
    const { permissions: held, with_approval, terminal: here } = current.value
    return new Set(here ? [...held, ...with_approval] : held)
  })
  /** The shop wants a second factor of this person first. */
  const lacksSecondFactor = computed(() => current.value.lacks_second_factor)
  const seesAllStores = computed(() => current.value.sees_all_stores)
  const dark = computed(() => (theme.value === 'auto' ? prefersDark.value : theme.value === 'dark'))

  onSessionLost(() => {
    if (acting.value) load().catch(forget)
    else forget()
  })
  watch(terminalToken, (token) => acting.value && setTerminalToken(token), { flush: 'sync' })
  watchEffect(() => document.documentElement.classList.toggle('dark', dark.value))

  /** Asks the server who we are; nobody when the session has ended. A till without a server goes on as before. */
  async function load(): Promise<void> {
    try {
      await finishLeaving()
      if (leaving.value) forget()
      else accept(await askWhoWeAre())
    } catch (error) {
      if (isSignedOut(error)) {
        forget()
        if (acting.value) endDevice()
      } else if (acting.value && isUnreachable(error) && lastAnswer.value) goOnAs(lastAnswer.value)
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
    proof.forget()
  }

  /** What was taken for granted without a network is asked once there is one. Trouble leaves it as it is. */
  async function confirm(): Promise<void> {
    if (unconfirmed.value) await load().catch(() => undefined)
  }

  /** Where nobody is signed in any more the device may still be a till. */
  async function askWhoWeAre(): Promise<CurrentSession> {
    const signal = lastAnswer.value ? AbortSignal.timeout(patienceMs) : undefined
    try {
      return await identity.currentSession(signal)
    } catch (error) {
      if (!acting.value || !terminalToken.value || !isSignedOut(error)) throw error
    }
    return identity.currentDevice(signal)
  }

  async function signIn({ username, secret, by, code }: Credentials): Promise<void> {
    await ending
    if (by === 'pin') await identity.signInByPin(username, secret)
    else await identity.signIn(username, secret, code)
    if (acting.value) await proof.remember(username, secret)
    leaving.value = false // who was here before is not any more
    await load()
  }

  /** Whether this is what who is here signed in with: for a till that cannot ask the server. */
  async function provesHere(username: string, secret: string): Promise<boolean> {
    return username === user.value?.username && (await proof.proves(username, secret))
  }

  /** At a till one can leave at any time: the server is told when it can be. */
  async function signOut(): Promise<void> {
    if (!acting.value) await identity.signOut()
    leaving.value = acting.value
    forget()
    await finishLeaving()
  }

  let ending: Promise<void> | undefined

  /** Ends the session of who left without the server being told. */
  function finishLeaving(): Promise<void> {
    if (!leaving.value) return Promise.resolve()
    ending ??= identity
      .signOut(AbortSignal.timeout(patienceMs))
      .catch((error: unknown) => {
        if (!isSignedOut(error)) throw error
      })
      .then(() => void (leaving.value = false))
      .catch(() => undefined)
      .finally(() => (ending = undefined))
    return ending
  }

  /** Makes this browser the till that this token is for: it goes with every call from here on. */
  function become(token: string | null): void {
    terminalToken.value = token
    deviceEnded.value = false
  }

  function endDevice(): void {
    if (terminalToken.value === null) return
    terminalToken.value = null
    deviceEnded.value = true
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
    lacksSecondFactor,
    seesAllStores,
    terminalToken,
    language,
    theme,
    dark,
    loaded,
    load,
    confirm,
    signIn,
    provesHere,
    signOut,
    finishLeaving,
    leaving,
    become,
    deviceEnded,
    actAsTerminal,
    setLanguage,
    start,
    can,
  }
})

function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}
