import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { prune } from './prune.ts'

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  base: '/static/',
  css: {
    // Where the words that keep a design-system rule come from: whatever can write a class name.
    postcss: { plugins: [prune([folder('../templates/'), folder('src/')])] },
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    // No data: addresses: the Content-Security-Policy allows files of our own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['es2022', 'safari16.4'],
    rolldownOptions: { input: ['src/app.ts', 'src/main.css'] },
  },
})
