/** Whoever has not chosen a language on this page reads it in that of the telephone. */
const kept = 'aisle.language'

export function speakAsThePhoneDoes(): void {
  if (localStorage.getItem(kept) !== null) return
  localStorage.setItem(kept, navigator.language.startsWith('zh') ? 'zh-CN' : 'en')
}
