// Puts a brotli copy beside every text of the built pages; the server sends it to browsers that take it.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const SMALLEST_BYTES = 512;
const TEXTS = new Set(['.html', '.js', '.mjs', '.css', '.svg', '.map', '.json', '.webmanifest', '.txt']);
const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '../dist');

for (const file of fs.readdirSync(dist, { recursive: true })) {
  const full = path.join(dist, file);
  if (!TEXTS.has(path.extname(file)) || !fs.statSync(full).isFile()) continue;
  const plain = fs.readFileSync(full);
  if (plain.length < SMALLEST_BYTES) continue;
  const compressed = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
  if (compressed.length < plain.length) fs.writeFileSync(`${full}.br`, compressed);
}
