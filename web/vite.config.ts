/// <reference types="vitest/config" />
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import elementPlus from 'unplugin-element-plus/vite'
import { type Connect, type Plugin, defineConfig } from 'vite'
import { tillWorker } from './worker.config.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
/** The pages, and the first part of the addresses each answers. */
const pages = { admin: 'admin', pos: 'pos', mobile: 'r' }

/** Answers page addresses like the server does: every /admin/… is admin.html, every /r/… is mobile.html. */
function pageFallback(): Plugin {
  const rewrite: Connect.NextHandleFunction = (req, res, next) => {
    const path = (req.url ?? '/').split('?')[0] ?? '/'
    if (path === '/') {
      res.writeHead(302, { location: '/admin/' })
      res.end()
      return
    }
    const page = Object.entries(pages).find(([, at]) => path === `/${at}` || path.startsWith(`/${at}/`))
    if (page && !/\.\w+$/.test(path) && req.headers.accept?.includes('text/html')) req.url = `/${page[0]}.html`
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
    rolldownOptions: { input: Object.fromEntries(Object.keys(pages).map((name) => [name, `${root}${name}.html`])) },
  },
  test: {
    environment: 'jsdom',
    include: ['{shared,admin,pos,mobile}/**/*.test.ts'],
    setupFiles: ['shared/testing/setup.ts'],
    restoreMocks: true,
    testTimeout: 30_000,
    server: { deps: { inline: ['element-plus'] } },
  },
}))
