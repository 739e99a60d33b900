import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CHECK = `
import sqlite3, sys
print("\\n".join(row[0] for row in sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check")))
`;

/**
 * What SQLite says about the file of a dead server. The copy is complete when this returns the promise, and it is
 * the copy that is opened: whoever opens the file itself does the server's recovery for it.
 */
export function integrityOf(file) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'roundtable-integrity-'));
  for (const suffix of ['', '-wal']) {
    if (fs.existsSync(file + suffix)) fs.copyFileSync(file + suffix, path.join(directory, `copy.db${suffix}`));
  }
  return run('python3', ['-c', CHECK, path.join(directory, 'copy.db')])
    .then(({ stdout }) => stdout.trim())
    .finally(() => fs.rmSync(directory, { recursive: true, force: true }));
}
