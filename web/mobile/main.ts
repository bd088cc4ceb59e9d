import { createApp } from 'vue'
import { setUp } from '@/shared/setup'
import App from './App.vue'
import { speakAsThePhoneDoes } from './language'

speakAsThePhoneDoes()
const app = createApp(App)
await setUp(app)
app.mount('#app')
