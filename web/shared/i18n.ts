/** Languages. Only the one in use is loaded, with Element Plus's own words in the same language. */
import type { Language as ElementLanguage } from 'element-plus/es/locale'
import { shallowRef } from 'vue'
import { createI18n } from 'vue-i18n'

export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]

type Messages = Record<string, unknown>

const loaders: Record<Language, () => Promise<[Messages, ElementLanguage]>> = {
  'zh-CN': async () => {
    const [own, element] = await Promise.all([
      import('./locales/zh-CN.json'),
      import('element-plus/es/locale/lang/zh-cn'),
    ])
    return [own.default, element.default]
  },
  en: async () => {
    const [own, element] = await Promise.all([
      import('./locales/en.json'),
      import('element-plus/es/locale/lang/en'),
    ])
    return [own.default, element.default]
  },
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
})

/** What `<el-config-provider :locale>` gets. */
export const elementLanguage = shallowRef<ElementLanguage>()

export async function useLanguage(language: Language): Promise<void> {
  const [messages, element] = await loaders[language]()
  i18n.global.setLocaleMessage(language, messages as Record<string, never>)
  i18n.global.locale.value = language
  elementLanguage.value = element
  document.documentElement.lang = language
}

export function isLanguage(value: unknown): value is Language {
  return languages.includes(value as Language)
}
