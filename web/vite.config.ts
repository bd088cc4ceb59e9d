/// <reference types="vitest/config" />
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import elementPlus from 'unplugin-element-plus/vite'
import { type Connect, type Plugin, defineConfig } from 'vite'
import { tillWorker } from './worker.config.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const pages = ['admin', 'pos']

/** Answers page addresses like the server does: every /admin/… is admin.html, every /pos/… is pos.html. */
function pageFallback(): Plugin {
  const rewrite: Connect.NextHandleFunction = (req, res, next) => {
    const path = (req.url ?? '/').split('?')[0] ?? '/'
    if (path === '/') {
      res.writeHead(302, { location: '/admin/' })
      res.end()
      return
    }
    const page = pages.find((name) => path === `/${name}` || path.startsWith(`/${name}/`))
    if (page && !/\.\w+$/.test(path) && req.headers.accept?.includes('text/html')) req.url = `/${page}.html`
    next()
  }
  return {
    name: 'aisle-page-fallback',
    configureServer: (server) => void server.middlewares.use(rewrite),
    configurePreviewServer: (server) => void server.middlewares.use(rewrite),
  }
}

/** One version for the server and the pages it serves. */
const version = /^version = "(.+)"/m.exec(readFileSync(`${root}../Cargo.toml`, 'utf8'))?.[1] ?? ''

const api = { '/api': { target: process.env.AISLE_API ?? 'http://127.0.0.1:8080' } }

export default defineConfig(({ mode }) => ({
  base: '/',
  define: { __AISLE_VERSION__: JSON.stringify(version) },
  publicDir: 'shared/public',
  plugins: [vue(), ...(mode === 'test' ? [] : [elementPlus({}), ...tillWorker()]), pageFallback()],
  resolve: { alias: { '@': root.replace(/\/$/, '') } },
  optimizeDeps: { include: ['element-plus/es', 'element-plus/es/components/*/style/css'] },
  server: { proxy: api },
  preview: { proxy: api },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: Object.fromEntries(pages.map((name) => [name, `${root}${name}.html`])) },
  },
  test: {
    environment: 'jsdom',
    include: ['{shared,admin,pos}/**/*.test.ts'],
    setupFiles: ['shared/testing/setup.ts'],
    restoreMocks: true,
    testTimeout: 30_000,
    server: { deps: { inline: ['element-plus'] } },
  },
}))
