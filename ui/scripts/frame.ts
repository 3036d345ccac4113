// Puts the desk's frames into index.html, drawn by the desk's own components.
import { createServer, type Plugin, type ViteDevServer } from 'vite';

async function draw(server: ViteDevServer): Promise<string> {
  const { frames } = (await server.ssrLoadModule('/src/views/frame.ts')) as { frames: () => string };
  return frames();
}

export function framePlugin(plugins: () => Plugin[]): Plugin {
  return {
    name: 'deskbell-frame',
    async transformIndexHtml(html, { server }) {
      if (server) return html.replace('<!--frames-->', await draw(server));
      const own = await createServer({ configFile: false, plugins: plugins(), server: { middlewareMode: true, hmr: false, watch: null, ws: false }, appType: 'custom', logLevel: 'warn', optimizeDeps: { noDiscovery: true } });
      try {
        return html.replace('<!--frames-->', await draw(own));
      } finally {
        await own.close();
      }
    },
  };
}
