// Weighs everything the first view loads, as brotli sends it, and fails when it is more than a phone should wait for.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const LIMIT_BYTES = 60_000;
const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '../dist');

const loaded = new Set(['index.html']);
for (const file of loaded) {
  for (const next of references(file)) loaded.add(next);
}

let total = 0;
for (const file of loaded) {
  const bytes = brotliCompressSync(fs.readFileSync(path.join(dist, file))).length;
  total += bytes;
  console.log(`${String(bytes).padStart(7)}  ${file}`);
}
console.log(`${String(total).padStart(7)}  in all, of ${LIMIT_BYTES} allowed`);
if (total > LIMIT_BYTES) process.exit(1);

/** What a file makes the browser fetch at once: tags of the page and static imports; `import()` is for later. */
function references(file) {
  const text = fs.readFileSync(path.join(dist, file), 'utf8');
  if (file.endsWith('.html')) return [...text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((match) => match[1]);
  if (!file.endsWith('.js')) return [];
  const imports = text.matchAll(/(?:^|[;}\s])import\s*(?:[^"'()]*?from\s*)?["'](\.\/[^"']+)["']/g);
  return [...imports].map((match) => path.posix.join(path.posix.dirname(file), match[1]));
}
