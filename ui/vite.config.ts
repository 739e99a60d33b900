import { defineConfig } from 'vite';

const SERVER = process.env.ROUNDTABLE_URL ?? 'http://127.0.0.1:3001';
const OPS = process.env.ROUNDTABLE_OPS_URL ?? 'http://127.0.0.1:9464';

export default defineConfig({
  // Relative to `<base>`, which the server rewrites to the path it is reached under.
  base: './',
  build: {
    // A data: address would not pass `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'dashboard.html'] },
    target: 'es2022',
  },
  server: {
    proxy: {
      '/api': SERVER,
      '/socket.io': { target: SERVER, ws: true },
      '^/(stats\\.json|sessions\\.json|sessions/)': OPS,
    },
  },
});
