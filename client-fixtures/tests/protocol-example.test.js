import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from '../lib/server.js';

const FIXTURES = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const PAGE = path.join(FIXTURES, '../docs/protocol.md');
const MOST_LINES = 34;

/** The first example of the page, for the client that is installed here under another name. */
function example() {
  const [, code] = /^```js\n(import [\s\S]*?)^```$/m.exec(fs.readFileSync(PAGE, 'utf8'));
  assert.ok(code.split('\n').length <= MOST_LINES, 'an example is short');
  return code.replace("from 'socket.io-client'", "from 'sio-4'");
}

test('the example for writers of clients does what the page says', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  // Beside the modules that it imports.
  const program = spawn(process.execPath, ['--input-type=module'], {
    cwd: FIXTURES,
    env: { ...process.env, ROUNDTABLE_URL: server.url },
    timeout: 20_000,
  });
  program.stdin.end(example());
  const [said, complaints, [code]] = await Promise.all([text(program.stdout), text(program.stderr), once(program, 'exit')]);
  assert.equal(complaints, '');
  assert.equal(code, 0);
  assert.deepEqual(said.trim().split('\n').sort(), ['Jonas 5', 'Mira 8']);
});
