// Puts a brotli copy beside every text of the built pages; the server sends it to browsers that take it. Source maps,
// which are large and which hardly anybody asks for, are left as gzip only, which everybody takes.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const SMALLEST_BYTES = 512;
const TEXTS = new Set(['.html', '.js', '.mjs', '.css', '.svg', '.json', '.webmanifest', '.txt']);
const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '../dist');

for (const file of fs.readdirSync(dist, { recursive: true })) {
  const full = path.join(dist, file);
  if (file.endsWith('.map')) {
    fs.writeFileSync(`${full}.gz`, gzipSync(fs.readFileSync(full), { level: 9 }));
    fs.rmSync(full);
    continue;
  }
  if (!TEXTS.has(path.extname(file)) || !fs.statSync(full).isFile()) continue;
  const plain = fs.readFileSync(full);
  if (plain.length < SMALLEST_BYTES) continue;
  const compressed = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
  if (compressed.length < plain.length) fs.writeFileSync(`${full}.br`, compressed);
}
