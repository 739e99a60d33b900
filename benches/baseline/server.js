// node server.js --port 3001

import { parseArgs } from 'node:util';
import { serve } from './lib/serve.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: process.env.PORT ?? '3001' } } });
const { port } = await serve(Number(values.port));
console.log(`listening on http://127.0.0.1:${port}`);
