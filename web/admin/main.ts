import { createApp } from 'vue'
import { setUp } from '@/shared/setup'
import App from './App.vue'
import { router } from './router'

const app = createApp(App)
await setUp(app)
app.use(router)
app.mount('#app')
