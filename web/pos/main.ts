import { Suspense, createApp, h } from 'vue'
import { setUp } from '@/shared/setup'
import App from './App.vue'
import { pageKeeper } from './worker'

if (!(await pageKeeper.start())) {
  const app = createApp({ render: () => h(Suspense, null, { default: () => h(App) }) })
  await setUp(app)
  app.mount('#app')
}
