import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { framePlugin } from './scripts/frame.ts';

export default defineConfig({
  plugins: [svelte(), svelteTesting(), framePlugin(() => [svelte()].flat())],
  clearScreen: false,
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  build: {
    target: 'es2022',
    // The window loads from disk: fewer, larger files start faster than many small ones.
    chunkSizeWarningLimit: 900,
    modulePreload: { polyfill: false },
    // The frame wears the desk's own styles, before the desk's script is there.
    cssCodeSplit: false,
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
  },
});
