import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('.'),
  base: '/',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: path('../dist/renderer'),
    emptyOutDir: true,
    target: 'es2023',
    // Inlined assets would be data: addresses, which the policy allows for images alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // All styles together are smaller than one screen, and a style that does not come while the host is away is not asked for again.
    cssCodeSplit: false,
    reportCompressedSize: false,
  },
});
