/** What every face starts with: language, session, query cache. */
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import type { App } from 'vue'
import { i18n } from './i18n'
import { makeQueryClient } from './queries/client'
import { useSession } from './session'
import './ui/base.css'

export async function setUp(app: App): Promise<void> {
  app.use(createPinia())
  app.use(i18n)
  app.use(VueQueryPlugin, { queryClient: makeQueryClient() })
  await useSession().start()
}
