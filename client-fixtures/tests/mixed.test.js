import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { MODES, VERSIONS } from '../lib/clients.js';
import { absent, match } from '../lib/match.js';
import { Meeting, scenario } from '../lib/meeting.js';
import { ok } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { playerShape, STOPPED_TIMER, storyShape, submitted } from '../lib/shapes.js';

const server = await startServer();
after(() => server.close());

const TRANSPORTS = Object.keys(MODES);

/** Two clients of every version; the transports go round, so every version is there with two of them. */
const SEATS = [...VERSIONS, ...VERSIONS].map((version, index) => ({
  name: `Player ${index + 1}`,
  how: { version, mode: TRANSPORTS[index % TRANSPORTS.length] },
}));

test('eight clients of four versions and three transports agree at every step', async (t) => {
  const [hostSeat, ...otherSeats] = SEATS;
  const meeting = await Meeting.open(server, { how: hostSeat.how, body: { hostName: hostSeat.name } });
  t.after(() => meeting.close());
  const { host } = meeting;
  const voters = [host];
  for (const { name, how } of otherSeats) voters.push(await meeting.join(name, { how }));
  const start = meeting.clients.map((client) => client.history.length);
  let story;

  await scenario(t, [
    ['all see eight players in the same order', async () => {
      const expected = voters.map(({ playerId }) => playerId);
      assert.deepEqual(voters.at(-1).joined.players.map(({ id }) => id), expected);
      assert.equal(voters.at(-1).joined.totalPlayers, 8);
    }],

    ['a story reaches all', async () => {
      story = await meeting.everyoneHears(
        ({ id }) => [['story:created', { story: storyShape({ id }) }], ['story:activated', { story: storyShape({ id }) }]],
        () => ok(host.addStory('Together'), 201),
      );
    }],

    ['each vote reaches all, whether it came over REST or over the socket', async () => {
      for (const [index, voter] of voters.entries()) {
        await meeting.everyoneHears([submitted(voter, index + 1, 8)], async () => {
          if (index % 2 === 0) await ok(voter.vote(`q${index}x`, { storyId: story.id }));
          else match(await voter.client.call('vote:submit', { value: `q${index}x` }), { ok: true });
        });
      }
      meeting.assertSecret(...voters.map((_, index) => `q${index}x`));
    }],

    ['eight reveals at the same moment open the cards once, with one result', async () => {
      const answers = await meeting.everyoneHears(
        [['cards:revealed', { storyId: story.id, votes: voters.map(({ playerId }, index) => ({ playerId, value: `q${index}x` })) }]],
        () => Promise.all(voters.map((voter) => ok(voter.reveal()))),
      );
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
    }],

    ['a new round, a timer and a promotion reach all', async () => {
      await meeting.everyoneHears([['game:reset', { storyId: story.id }]], () => ok(voters[5].resetVoting()));
      await meeting.everyoneHears([['timer:updated', { timer: { isRunning: true, duration: 30 } }]], () =>
        host.client.call('timer:start', { duration: 30 }));
      await meeting.everyoneHears([['timer:updated', { timer: STOPPED_TIMER }]], () => host.client.call('timer:stop', {}));
      await meeting.everyoneHears(
        [['player:promoted', { newHost: playerShape(voters[6], { isHost: true }), previousHost: playerShape(host) }]],
        () => ok(host.rest.post(`/players/${voters[6].playerId}/promote`)),
      );
    }],

    ['people who leave on purpose are gone at once for all who stay', async () => {
      for (const [index, voter] of [voters[7], voters[3], voters[1]].entries()) {
        await meeting.everyoneHears([['player:left', { playerId: voter.playerId, playerCount: 7 - index }]], async () => {
          meeting.forget(voter.client).socket.disconnect();
          await host.client.next('player:left');
        });
      }
    }],

    ['the whole sequence of room events was the same everywhere', () => {
      const told = voters.map((voter, index) => sequence(voter.client, start[index]));
      for (const [index, voter] of voters.entries()) {
        const { length } = told[index];
        assert.deepEqual(told[index], told[0].slice(0, length), `${voter.client.name} heard what the host heard`);
        assert.equal(meeting.clients.includes(voter.client) ? length : told[0].length, told[0].length);
      }
      match(told[0].at(-1), { event: 'player:updated', fence: absent });
    }],
  ]);
});

function sequence(client, from) {
  return client.history
    .slice(from)
    .filter(({ event }) => event !== 'disconnect')
    .map(({ event, args }) => ({ event, args }));
}
