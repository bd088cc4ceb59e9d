/**
 * The service worker of the till: what it keeps and which addresses it answers.
 * It keeps what pos.html needs and nothing of the back office; /api has no route here, so it always goes to the server.
 */
import type { Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

const entry = 'pos'
/** From shared/public. */
const own = ['pos.html', 'till.webmanifest', 'till.svg', 'till-192.png', 'till-512.png']

export function tillWorker(): Plugin[] {
  const needed = new Set(own)
  const collect: Plugin = {
    name: 'aisle-till-files',
    generateBundle(_, bundle) {
      const visit = (file: string): void => {
        const chunk = bundle[file]
        if (needed.has(file) || chunk?.type !== 'chunk') return
        needed.add(file)
        const { importedCss, importedAssets } = chunk.viteMetadata ?? {}
        for (const each of [...(importedCss ?? []), ...(importedAssets ?? [])]) needed.add(each)
        for (const each of [...chunk.imports, ...chunk.dynamicImports]) visit(each)
      }
      for (const each of Object.values(bundle)) {
        if (each.type === 'chunk' && each.isEntry && each.name === entry) visit(each.fileName)
      }
    },
  }
  const worker = VitePWA({
    registerType: 'prompt', // the till chooses the moment: pos/worker.ts
    injectRegister: false,
    manifest: false,
    workbox: {
      globPatterns: ['**/*.{html,js,css,svg,png,woff2,webmanifest}'],
      manifestTransforms: [
        (entries) => ({ manifest: entries.filter(({ url }) => needed.has(url)), warnings: [] }),
      ],
      inlineWorkboxRuntime: true,
      directoryIndex: null,
      cleanupOutdatedCaches: true,
      navigateFallback: '/pos.html',
      navigateFallbackAllowlist: [/^\/pos\//],
    },
  })
  return [collect, ...worker]
}
