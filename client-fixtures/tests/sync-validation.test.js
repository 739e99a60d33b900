import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { ask, aSession, Game, invalid, ok, refused, syncServer } from '../lib/sync.js';

const server = await syncServer();
after(() => server.close());

const DAY = 86_400_000;
const UNSAFE = 2 ** 53;
const ID = '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10';
const NO_UUID = [
  '', ' ', 'x', `${ID} `, `${ID}0`, ID.slice(1), `{${ID}}`, ID.replaceAll('-', ''), ID.replace('7', 'g'), `urn:uuid:${ID}`, `${ID}\n`,
  '7b1c9a52-3f0e-0a77-9d55-0c6a8e2f4b10', '7b1c9a52-3f0e-9a77-9d55-0c6a8e2f4b10', '7b1c9a52-3f0e-4a77-7d55-0c6a8e2f4b10',
  '7b1c9a52-3f0e-4a77-cd55-0c6a8e2f4b10', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'ffffffff-ffff-ffff-ffff-fffffffffffF',
];
const KINDS = [
  [undefined, 'undefined'], [null, 'null'], ['text', 'string'], [5, 'number'], [true, 'boolean'], [[], 'array'], [{}, 'object'],
];

/** Where a field is in a session: written, and as the server calls it. */
const FIELDS = {
  session_id: (session, value) => ({ ...session, session_id: value }),
  sync_mode: (session, value) => ({ ...session, sync_mode: value }),
  participants: (session, value) => ({ ...session, participants: value }),
  total_time_ms: (session, value) => ({ ...session, total_time_ms: value }),
  time_per_cycle_ms: (session, value) => ({ ...session, time_per_cycle_ms: value }),
  increment_ms: (session, value) => ({ ...session, increment_ms: value }),
  max_time_ms: (session, value) => ({ ...session, max_time_ms: value }),
  metadata: (session, value) => ({ ...session, metadata: value }),
  'participants.0.participant_id': (session, value) => inParticipant(session, 0, { participant_id: value }),
  'participants.1.participant_index': (session, value) => inParticipant(session, 1, { participant_index: value }),
  'participants.1.total_time_ms': (session, value) => inParticipant(session, 1, { total_time_ms: value }),
  'participants.0.group_id': (session, value) => inParticipant(session, 0, { group_id: value }),
};

function inParticipant(session, position, change) {
  return { ...session, participants: session.participants.map((it, index) => (index === position ? { ...it, ...change } : it)) };
}

const create = (session) => ask(server.sync, 'POST', '/v1/sessions', { body: session });
const createWith = (field, value) => create(FIELDS[field](aSession(), value));

/** With a value that is written exactly like this. */
function createWithText(field, text) {
  const body = JSON.stringify(FIELDS[field](aSession(), '@@')).replace('"@@"', text);
  return ask(server.sync, 'POST', '/v1/sessions', { body, headers: { 'content-type': 'application/json' } });
}

/** Every field with the JSON type it must have. */
const TYPES = [
  ['session_id', 'string'], ['participants', 'array'], ['participants.0.participant_id', 'string'],
  ['participants.1.participant_index', 'number'], ['participants.1.total_time_ms', 'number'],
  ['participants.0.group_id', 'string', 'optional'], ['total_time_ms', 'number'],
  ['time_per_cycle_ms', 'number', 'optional'], ['increment_ms', 'number', 'optional'], ['max_time_ms', 'number', 'optional'],
  ['metadata', 'record', 'optional'],
];

for (const [field, type, optional] of TYPES) {
  describe(`the field ${field}`, { concurrency: 4 }, () => {
    const fits = [type, type === 'record' ? 'object' : type];
    const wrong = KINDS.filter(([, kind]) => !fits.includes(kind) && !(optional && kind === 'undefined'));
    for (const [value, kind] of wrong) {
      test(kind === 'undefined' ? 'may not be missing' : `may not be of the kind ${kind}`, () => {
        return invalid(createWith(field, value), [field, `Invalid input: expected ${type}, received ${kind}`, 'invalid_type']);
      });
    }

    if (optional) {
      test('may be missing', async () => {
        await ok(createWith(field, undefined), 201);
      });
    }
  });
}

const UUIDS = {
  session_id: 'Session ID must be a valid UUID',
  'participants.0.participant_id': 'Participant ID must be a valid UUID',
  'participants.0.group_id': 'Group ID must be a valid UUID',
};

for (const [field, message] of Object.entries(UUIDS)) {
  test(`${field} must have the shape of a UUID`, async () => {
    for (const text of NO_UUID) await invalid(createWith(field, text), [field, message, 'invalid_format']);
  });
}

test('next_participant_id of a switch must be a text that has the shape of a UUID', async () => {
  const game = await Game.open(server.sync, {}, 'start');
  const field = 'next_participant_id';
  const shapeless = [field, 'Next participant ID must be a valid UUID', 'invalid_format'];
  for (const text of NO_UUID) await invalid(game.switch({ [field]: text }), shapeless);
  for (const [value, kind] of KINDS.filter(([, it]) => it !== 'undefined' && it !== 'string')) {
    await invalid(game.switch({ [field]: value }), [field, `Invalid input: expected string, received ${kind}`, 'invalid_type']);
  }
  assert.equal((await game.state()).version, 2);
});

/** Field, its words, its lowest and highest value, what is said of less and of more. */
const NUMBERS = [
  ['participants.1.participant_index', 'Participant index', 0, undefined, 'must be non-negative', undefined],
  ['participants.1.total_time_ms', 'Total time', 1000, DAY, 'must be at least 1000ms (1 second)', 'cannot exceed 86400000ms (24 hours)'],
  ['total_time_ms', 'Total time', 1000, DAY, 'must be at least 1000ms (1 second)', 'cannot exceed 86400000ms (24 hours)'],
  ['time_per_cycle_ms', 'Time per cycle', 1000, DAY, 'must be at least 1000ms (1 second)', 'cannot exceed 86400000ms (24 hours)'],
  ['increment_ms', 'Increment', 0, 60_000, 'must be non-negative', 'cannot exceed 60000ms (1 minute)'],
  ['max_time_ms', 'Max time', 1000, DAY, 'must be at least 1000ms (1 second)', 'cannot exceed 86400000ms (24 hours)'],
];

for (const [field, name, lowest, highest, tooSmall, tooBig] of NUMBERS) {
  describe(`the number ${field}`, { concurrency: 4 }, () => {
    test(`may be ${lowest} and ${highest ?? 'anything above'}, also with a point or an exponent`, async () => {
      const big = highest ?? UNSAFE - 1;
      for (const value of [lowest, lowest + 1, big - 1, big]) await ok(createWith(field, value), 201);
      for (const text of [`${lowest}.0`, `${lowest}.000e0`, '60000.0', '6e4', '6E+4', '600000e-1']) {
        const state = await ok(createWithText(field, text), 201);
        const stored = field.split('.').reduce((value, key) => value[key], state);
        assert.equal(stored, Number(text), text);
      }
    });

    test(`below ${lowest} is refused`, async () => {
      for (const value of [lowest - 1, -1, -1000]) await invalid(createWith(field, value), [field, `${name} ${tooSmall}`, 'too_small']);
    });

    test('with a fraction is refused for that alone', async () => {
      for (const value of [lowest + 0.5, lowest - 0.5, -0.5, 1500.25, 1e-7, DAY + 0.5]) {
        await invalid(createWith(field, value), [field, `${name} must be an integer`, 'invalid_type']);
      }
    });

    test('that no program can count to is refused', async () => {
      const above = tooBig === undefined ? [] : [[field, `${name} ${tooBig}`, 'too_big']];
      for (const value of [UNSAFE, UNSAFE + 2, 1e20, 1e300]) {
        await invalid(createWith(field, value), [field, `${name} must be an integer`, 'too_big'], ...above);
      }
    });

    if (tooBig === undefined) return;
    test(`above ${highest} is refused`, async () => {
      for (const value of [highest + 1, highest * 2, UNSAFE - 1]) {
        await invalid(createWith(field, value), [field, `${name} ${tooBig}`, 'too_big']);
      }
    });
  });
}

describe('the sync_mode', { concurrency: 4 }, () => {
  const message = 'Invalid sync mode. Must be one of: per_participant, per_cycle, per_group, global, count_up';

  test('is one of five', async () => {
    for (const mode of ['per_participant', 'per_cycle', 'per_group', 'global', 'count_up']) {
      match(await ok(createWith('sync_mode', mode), 201), { sync_mode: mode });
    }
  });

  test('is refused in the same words, whatever else it is', async () => {
    const others = ['', 'x', 'PER_PARTICIPANT', 'per-participant', ' global', 'global ', 'toString', ...KINDS.map(([value]) => value)];
    for (const mode of others) await invalid(createWith('sync_mode', mode), ['sync_mode', message, 'invalid_value']);
  });
});

describe('the participants', { concurrency: 4 }, () => {
  const many = (count) => aSession({ times: Array(count).fill(1000) });

  test('are at least one', async () => {
    await ok(create(many(1)), 201);
    await invalid(create(many(0)), ['participants', 'At least one participant is required', 'too_small']);
  });

  test('are at most a thousand', async () => {
    assert.equal((await ok(create(many(1000)), 201)).participants.length, 1000);
    await invalid(create(many(1001)), ['participants', 'Cannot exceed 1000 participants', 'too_big']);
  });

  test('are objects', async () => {
    const { participants, ...session } = aSession();
    for (const [value, kind] of KINDS.filter(([, it]) => it !== 'object' && it !== 'undefined')) {
      const problem = ['participants.1', `Invalid input: expected object, received ${kind}`, 'invalid_type'];
      await invalid(create({ ...session, participants: [participants[0], value, participants[1]] }), problem);
    }
  });

  test('need neither dense nor different indices, and keep them', async () => {
    const session = many(3);
    [7, 0, 7].forEach((index, position) => { session.participants[position].participant_index = index; });
    const { participants } = await ok(create(session), 201);
    assert.deepEqual(participants.map(({ participant_index: index }) => index), [7, 0, 7]);
  });

  test('are refused if one occurs twice', async () => {
    const session = many(3);
    const { participant_id: id } = session.participants[0];
    const twice = inParticipant(session, 2, { participant_id: id });
    await refused(create(twice), 400, 'VALIDATION_ERROR', `Duplicate participant_id: ${id}`);
    await invalid(create({ ...twice, max_time_ms: 5 }), ['max_time_ms', 'Max time must be at least 1000ms (1 second)', 'too_small']);
    assert.equal((await new Game(server.sync, session).get()).status, 404);
  });

  test('are different if their ids differ in case', async () => {
    const session = inParticipant(inParticipant(aSession(), 0, { participant_id: ID }), 1, { participant_id: ID.toUpperCase() });
    const { participants } = await ok(create(session), 201);
    assert.deepEqual(participants.map(({ participant_id: id }) => id), [ID, ID.toUpperCase()]);
  });
});

describe('several problems at once', { concurrency: 4 }, () => {
  test('are listed in the order of the contract, whatever the order of the body', async () => {
    const participant = { group_id: 5, total_time_ms: 999, participant_index: -1, participant_id: 'x' };
    const session = {
      metadata: [], max_time_ms: 999, increment_ms: 60_001, time_per_cycle_ms: 1.5, total_time_ms: UNSAFE,
      participants: [participant, 7, {}], sync_mode: 'x', session_id: 'x',
    };
    await invalid(
      create(session),
      ['session_id', 'Session ID must be a valid UUID', 'invalid_format'],
      ['sync_mode', 'Invalid sync mode. Must be one of: per_participant, per_cycle, per_group, global, count_up', 'invalid_value'],
      ['participants.0.participant_id', 'Participant ID must be a valid UUID', 'invalid_format'],
      ['participants.0.participant_index', 'Participant index must be non-negative', 'too_small'],
      ['participants.0.total_time_ms', 'Total time must be at least 1000ms (1 second)', 'too_small'],
      ['participants.0.group_id', 'Invalid input: expected string, received number', 'invalid_type'],
      ['participants.1', 'Invalid input: expected object, received number', 'invalid_type'],
      ['participants.2.participant_id', 'Invalid input: expected string, received undefined', 'invalid_type'],
      ['participants.2.participant_index', 'Invalid input: expected number, received undefined', 'invalid_type'],
      ['participants.2.total_time_ms', 'Invalid input: expected number, received undefined', 'invalid_type'],
      ['total_time_ms', 'Total time must be an integer', 'too_big'],
      ['total_time_ms', 'Total time cannot exceed 86400000ms (24 hours)', 'too_big'],
      ['time_per_cycle_ms', 'Time per cycle must be an integer', 'invalid_type'],
      ['increment_ms', 'Increment cannot exceed 60000ms (1 minute)', 'too_big'],
      ['max_time_ms', 'Max time must be at least 1000ms (1 second)', 'too_small'],
      ['metadata', 'Invalid input: expected record, received array', 'invalid_type'],
    );
  });

  test('name what is wrong with participants before that they are too many', async () => {
    const session = inParticipant(aSession({ times: Array(1001).fill(1000) }), 1000, { total_time_ms: 5 });
    await invalid(
      create(session),
      ['participants.1000.total_time_ms', 'Total time must be at least 1000ms (1 second)', 'too_small'],
      ['participants', 'Cannot exceed 1000 participants', 'too_big'],
    );
  });

  test('are one if the body is a list', async () => {
    const problem = ['', 'Invalid input: expected object, received array', 'invalid_type'];
    for (const body of [[], [aSession()], [1, 2]]) await invalid(create(body), problem);
  });

  test('leave a session that exists as it is', async () => {
    const game = await Game.open(server.sync, {}, 'start');
    const before = await game.state();
    const [somebody] = game.session.participants;
    for (const change of [{ total_time_ms: 5 }, { participants: [somebody, somebody] }]) {
      assert.equal((await create({ ...game.session, ...change })).status, 400);
    }
    assert.deepEqual(await game.state(), before);
  });
});

test('metadata may be any object', async () => {
  for (const metadata of [{}, { a: null, b: [1, { c: 'd' }] }, { '': 0, ' ': randomUUID() }]) {
    const state = await ok(createWith('metadata', metadata), 201);
    assert.equal('metadata' in state, false);
  }
});
