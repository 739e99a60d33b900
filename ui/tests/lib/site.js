import { Server } from '../../../client-fixtures/lib/server.js';
import { TcpProxy } from '../../../client-fixtures/lib/tcp-proxy.js';
import { ownPort } from './port.js';

/** The real server with its own page, under the path that visitors meet it at. */
export async function startSite(t, { base = '/', flags = [] } = {}) {
  const server = new Server({ flags: ['--base-path', base, ...flags] });
  server.port = await ownPort();
  await server.start();
  t.after(() => server.close());
  return { server, url: `${server.url}${base}` };
}

/** Another way to the site, which may die without a word. */
export async function startLine(t, { server }) {
  const proxy = await TcpProxy.to(server);
  t.after(() => proxy.close());
  return {
    url: `http://127.0.0.1:${proxy.port}/`,
    /** What a laptop that slept leaves behind: connections that are open, and on which nothing comes any more. */
    async freeze() {
      proxy.stall();
      await proxy.heal();
    },
  };
}
