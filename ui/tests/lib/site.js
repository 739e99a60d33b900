import { startServer } from '../../../client-fixtures/lib/server.js';
import { Front } from './front.js';

/** The real server, with the page in front of it, as visitors meet them. */
export async function startSite(t, { base = '/', ...options } = {}) {
  const server = await startServer(options);
  t.after(() => server.close());
  const front = await new Front(server, base).start();
  t.after(() => front.close());
  return { server, front, url: front.url };
}
