import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isString, match } from '../lib/match.js';
import { ask, aSession, Game, invalid, ok, syncServer } from '../lib/sync.js';

const server = await syncServer();
const limited = await syncServer({ limited: true, env: { RATE_LIMIT_GENERAL: '3' } });
after(() => Promise.all([server.close(), limited.close()]));

const PATHS = [
  '/health', '/ready', '/v1/sessions', '/v1/sessions/{id}', '/v1/sessions/{id}/complete', '/v1/sessions/{id}/pause',
  '/v1/sessions/{id}/resume', '/v1/sessions/{id}/start', '/v1/sessions/{id}/switch', '/v1/time',
];
const SCHEMAS = [
  'CreateSessionRequest', 'EmptyBody', 'ErrorResponse', 'HealthResponse', 'Participant', 'SessionIdParam', 'SessionResponse',
  'SwitchCycleRequest', 'SwitchCycleResponse', 'SwitchCycleResult', 'SyncParticipant', 'SyncState',
];
const PAGES = [
  [server.sync, '/api-docs', 'SyncKairos API Documentation'],
  [server.sync, '/sync/api-docs', 'SyncKairos API Documentation'],
  [server.url, '/sync/api-docs', 'SyncKairos API Documentation'],
  [server.url, '/poker/api-docs', 'Planning Poker API Documentation'],
];

let document;
before(async () => {
  document = (await ask(server.sync, 'GET', '/api-docs.json')).body;
});

/** What a reference stands for; anything else stands for itself. */
const meant = (schema) => (schema.$ref ? schema.$ref.slice(2).split('/').reduce((it, key) => it[key], document) : schema);

const TYPES = {
  string: (it) => typeof it === 'string',
  boolean: (it) => typeof it === 'boolean',
  integer: Number.isInteger,
  number: (it) => typeof it === 'number',
  array: Array.isArray,
  object: (it) => typeof it === 'object' && !Array.isArray(it),
};

/** Fails unless a value is what a schema says, with all fields required and none that it does not know. */
function assertShaped(value, schema, where = 'value') {
  const { type, nullable, oneOf, required = [], properties = {}, items, enum: words } = meant(schema);
  if (value === null) return assert.ok(nullable, `${where} is null`);
  if (oneOf) return assert.ok(oneOf.some((it) => isShaped(value, it)), `${where} is ${JSON.stringify(value)}`);
  assert.ok(TYPES[type](value), `${where} is ${JSON.stringify(value)}, not of type ${type}`);
  if (words) assert.ok(words.includes(value), `${where} is ${JSON.stringify(value)}`);
  if (type === 'array') value.forEach((item, index) => assertShaped(item, items, `${where}[${index}]`));
  if (type !== 'object') return undefined;
  for (const name of required) assert.ok(Object.hasOwn(value, name), `${where}.${name} is missing`);
  for (const [name, field] of Object.entries(value)) {
    assert.ok(properties[name], `${where}.${name} is not documented`);
    assertShaped(field, properties[name], `${where}.${name}`);
  }
  return undefined;
}

function isShaped(value, schema) {
  try {
    assertShaped(value, schema);
    return true;
  } catch {
    return false;
  }
}

/** An answer must have a status that is documented for its operation, and the body of that status. */
async function asDocumented(method, pattern, path, more) {
  const answer = await ask(server.sync, method, path, more);
  const answers = document.paths[pattern][method.toLowerCase()].responses;
  const said = answers[answer.status];
  assert.ok(said, `${method} ${pattern} answers ${answer.status}`);
  if (said.content) assertShaped(answer.body, said.content['application/json'].schema, `${method} ${pattern} ${answer.status}`);
  else assert.equal(answer.text, '');
  return answer.status;
}

describe('the document', { concurrency: 4 }, () => {
  test('is what the contract lists', () => {
    assert.match(document.openapi, /^3\.0\.\d+$/);
    match(document.info, { title: 'SyncKairos API', version: '2.0.0' });
    assert.deepEqual(document.tags.map(({ name }) => name), ['Health', 'Time', 'Sessions']);
    assert.deepEqual(Object.keys(document.paths).sort(), PATHS);
    assert.deepEqual(Object.keys(document.components.schemas).sort(), SCHEMAS);
    assert.deepEqual(Object.keys(document.paths['/v1/sessions/{id}']).sort(), ['delete', 'get']);
  });

  test('is the same at every listener, in any spelling of its path', async () => {
    const places = [[server.sync, '/sync/api-docs.json'], [server.url, '/sync/api-docs.json'], [server.sync, '/API-Docs.JSON/']];
    for (const [base, path] of places) {
      const { status, headers, body } = await ask(base, 'GET', path);
      assert.equal(status, 200, path);
      assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
      assert.deepEqual(body, document, path);
    }
  });

  test('refers to nothing that it does not have', () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
    for (const [, $ref] of references) assert.ok(meant({ $ref }), $ref);
  });

  test('names every answer of a clock in the course of its life', async () => {
    const game = new Game(server.sync, aSession({ group_id: undefined, max_time_ms: 5000, time_per_cycle_ms: 1000 }));
    const at = (verb) => asDocumented('POST', `/v1/sessions/{id}/${verb}`, game.path(`/${verb}`));
    const statuses = [
      await asDocumented('GET', '/v1/sessions/{id}', game.path()),
      await asDocumented('POST', '/v1/sessions', '/v1/sessions', { body: game.session }),
      await at('switch'), await at('start'), await at('start'), await at('switch'), await at('pause'), await at('pause'),
      await at('resume'), await at('complete'),
      await asDocumented('GET', '/v1/sessions/{id}', game.path()),
      await asDocumented('DELETE', '/v1/sessions/{id}', game.path()),
      await at('resume'),
    ];
    assert.deepEqual(statuses, [404, 201, 400, 200, 400, 200, 200, 400, 200, 200, 200, 204, 404]);
  });

  test('names every refusal of a body or an id', async () => {
    const headers = { 'content-type': 'application/json' };
    const create = (body, type = headers) => asDocumented('POST', '/v1/sessions', '/v1/sessions', { body, headers: type });
    assert.equal(await create('{'), 400);
    assert.equal(await create({}), 400);
    assert.equal(await create(' '.repeat(1_048_577)), 413);
    assert.equal(await create('{}', { 'content-type': 'application/json; charset=latin1' }), 415);
    assert.equal(await asDocumented('GET', '/v1/sessions/{id}', '/v1/sessions/x'), 400);
    assert.equal(await asDocumented('DELETE', '/v1/sessions/{id}', '/v1/sessions/x'), 400);
  });

  test('names the answers to probes, and the time', async () => {
    for (const path of ['/health', '/ready', '/v1/time']) assert.equal(await asDocumented('GET', path, path), 200);
  });

  test('has the headers of a refusal for too many requests', async () => {
    const { responses } = document.paths['/v1/time'].get;
    for (let asked = 0; asked < 3; asked += 1) await ask(limited.sync, 'GET', '/v1/time');
    const answer = await ask(limited.sync, 'GET', '/v1/time');
    assert.equal(answer.status, 429);
    assertShaped(answer.body, responses[429].content['application/json'].schema);
    for (const name of Object.keys(responses[429].headers)) assert.ok(answer.headers.get(name), name);
  });

  test('has the limits of numbers that the server has', async () => {
    const { CreateSessionRequest: session, Participant: participant } = document.components.schemas;
    for (const [name, { type, minimum, maximum }] of Object.entries(session.properties)) {
      if (type !== 'integer') continue;
      for (const edge of [minimum, maximum]) await ok(new Game(server.sync, aSession({ [name]: edge })).create(), 201);
      for (const beyond of [minimum - 1, maximum + 1]) {
        assert.equal((await new Game(server.sync, aSession({ [name]: beyond })).create()).status, 400, `${name} ${beyond}`);
      }
    }
    const { minimum, maximum } = participant.properties.total_time_ms;
    await ok(new Game(server.sync, aSession({ times: [minimum, maximum] })).create(), 201);
    for (const time of [minimum - 1, maximum + 1]) {
      assert.equal((await new Game(server.sync, aSession({ times: [time] })).create()).status, 400, `participant ${time}`);
    }
  });

  test('has the limits of participants that the server has', async () => {
    const { minItems, maxItems } = document.components.schemas.CreateSessionRequest.properties.participants;
    const times = (length) => aSession({ times: Array(length).fill(1000) });
    for (const length of [minItems, maxItems]) await ok(new Game(server.sync, times(length)).create(), 201);
    await invalid(new Game(server.sync, times(minItems - 1)).create(), ['participants', 'At least one participant is required', 'too_small']);
    await invalid(new Game(server.sync, times(maxItems + 1)).create(), ['participants', 'Cannot exceed 1000 participants', 'too_big']);
  });

  test('has the required fields and the modes that the server has', async () => {
    const { required, properties } = document.components.schemas.CreateSessionRequest;
    const create = async (body) => (await ask(server.sync, 'POST', '/v1/sessions', { body })).status;
    for (const name of required) {
      assert.equal(await create({ ...aSession(), [name]: undefined }), 400, name);
    }
    for (const name of Object.keys(properties)) {
      assert.equal(await create({ ...aSession(), [name]: null }), 400, `${name} null`);
    }
    for (const mode of properties.sync_mode.enum) assert.equal(await create(aSession({ sync_mode: mode })), 201, mode);
  });
});

describe('the page', { concurrency: 4 }, () => {
  for (const [base, path, title] of PAGES) {
    test(`is found at ${path} of ${base === server.sync ? 'a listener for clocks' : 'any listener'}`, async () => {
      for (const asked of [path, path.toUpperCase(), `${path}?x=1`]) {
        const moved = await fetch(base + asked, { redirect: 'manual' });
        assert.deepEqual([moved.status, moved.headers.get('location')], [301, `${path}/`], asked);
      }
      for (const asked of [`${path}/`, `${path.toUpperCase()}/`, `${path}/?x=1`]) {
        const page = await fetch(base + asked, { redirect: 'manual' });
        assert.equal(page.status, 200, asked);
        assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
        assert.ok((await page.text()).includes(`<title>${title}</title>`), asked);
      }
    });
  }

  test('shows every operation and every schema', async () => {
    const { text } = await ask(server.sync, 'GET', '/api-docs/');
    for (const path of PATHS) assert.ok(text.includes(`<code>${path}</code>`), path);
    for (const name of SCHEMAS) assert.ok(text.includes(`id="${name}"`), name);
  });

  test('asks nobody for anything, and may not', async () => {
    const { text, headers } = await ask(server.sync, 'GET', '/api-docs/');
    for (const word of ['<script', '<link', '<img', 'src=', 'url(', '@import', 'http://', 'https://']) {
      assert.ok(!text.includes(word), word);
    }
    const policy = headers.get('content-security-policy');
    match({ policy }, { policy: isString });
    assert.match(policy, /^default-src 'none';style-src 'sha256-[\w+/=]+';/);
    assert.ok(!policy.includes('unsafe'), policy);
  });

  test('leads to the document', async () => {
    for (const [base, path] of PAGES) {
      const page = new URL(`${base}${path}/`);
      const [, link] = (await (await fetch(page)).text()).match(/href="([^"#]+)"/);
      match(await (await fetch(new URL(link, page))).json(), { openapi: isString, paths: (it) => Object.keys(it).length > 0 });
    }
  });
});

describe('documents and pages', { concurrency: 4 }, () => {
  const places = ['/api-docs', '/api-docs/', '/api-docs.json', '/sync/api-docs', '/sync/api-docs/', '/sync/api-docs.json'];
  const look = (method, path, base = server.sync) => fetch(base + path, { method, redirect: 'manual' });

  test('are not limited and say nothing of limits', async () => {
    for (let round = 0; round < 5; round += 1) {
      for (const path of places) {
        const { status, headers } = await look('GET', path, limited.sync);
        assert.notEqual(status, 429, path);
        assert.deepEqual([...headers.keys()].filter((name) => name.includes('ratelimit')), [], path);
      }
    }
  });

  test('are answered to HEAD in the same way without a body', async () => {
    for (const path of places) {
      const [head, get] = [await look('HEAD', path), await look('GET', path)];
      const traits = ({ status, headers }) => ['location', 'content-type', 'content-length'].map((it) => headers.get(it)).concat(status);
      assert.deepEqual(traits(head), traits(get), path);
      assert.equal(await head.text(), '');
    }
  });

  test('can be read by any browser', async () => {
    for (const path of places) assert.equal((await look('GET', path)).headers.get('access-control-allow-origin'), '*', path);
  });

  test('cannot be written, and are nowhere else', async () => {
    const unknown = [
      ['POST', '/api-docs'], ['PUT', '/api-docs/'], ['DELETE', '/api-docs.json'], ['GET', '/api-docs/x'], ['GET', '/v1/api-docs'],
      ['GET', '/api-docs.yaml'],
    ];
    for (const [method, path] of unknown) {
      match(await ask(server.sync, method, path), { status: 404, body: { error: { code: 'NOT_FOUND', message: isString } } });
    }
    for (const path of ['/api-docs', '/api-docs.json', '/api/docs.json']) assert.equal((await look('GET', path, server.url)).status, 404, path);
  });
});
