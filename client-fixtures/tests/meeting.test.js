import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { MODES, VERSIONS } from '../lib/clients.js';
import { absent, isTimestamp, isToken, match, near, noNulls } from '../lib/match.js';
import { heardExactly, Meeting, scenario } from '../lib/meeting.js';
import { ok, refused } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { DEFAULT_CONFIG, playerShape, STOPPED_TIMER, storyShape, submitted } from '../lib/shapes.js';

const server = await startServer();
after(() => server.close());

/** Cards nobody would deal by chance, so that finding one in a frame proves a leak. */
const SECRETS = { mira: 'q8x', miraChanged: 'q21x', jonas: 'q5x', ada: 'q13x' };

/** The table of 3.5: votes, what the consensus says, and the estimate it leaves on the story. */
const CONSENSUS = [
  { votes: ['5', '5'], says: { hasConsensus: true, suggestedValue: '5', averageValue: 5, deviation: 0 }, estimate: '5' },
  { votes: ['8', '3'], says: { hasConsensus: false, suggestedValue: '3', averageValue: 5.5, deviation: 2.5 } },
  {
    votes: ['5', '5', '5', '8'],
    says: { hasConsensus: false, suggestedValue: '5', averageValue: 5.75, deviation: near(Math.sqrt(1.6875)) },
  },
  {
    votes: ['5', '5', '5', '5', '8'],
    says: { hasConsensus: true, suggestedValue: '5', averageValue: near(5.6), deviation: near(1.2) },
    estimate: '5',
  },
  { votes: ['?', '?', '5'], says: { hasConsensus: false, suggestedValue: '?', averageValue: 5, deviation: 0 } },
  { votes: ['☕', '☕'], says: { hasConsensus: true, suggestedValue: '☕', averageValue: absent, deviation: absent } },
];

describe('a whole planning meeting', { concurrency: 3 }, () => {
  for (const version of VERSIONS) {
    for (const mode of Object.keys(MODES)) {
      test(`works for socket.io-client ${version} over ${mode}`, (t) => wholeMeeting(t, { version, mode }));
    }
  }
});

describe('a session with autoRevealCards', { concurrency: 3 }, () => {
  for (const version of VERSIONS) {
    for (const mode of Object.keys(MODES)) {
      test(`opens by itself after the last vote for ${version} over ${mode}`, (t) => automaticReveal(t, { version, mode }));
    }
  }
});

async function wholeMeeting(t, how) {
  const meeting = await Meeting.open(server, { how, attach: false, body: { hostAvatar: '🦊' } });
  t.after(() => meeting.close());
  const { sessionId, path, host: mira } = meeting;
  const hostShape = playerShape(mira, { isHost: true });
  let jonas;
  let ada;
  let sven;
  let watcher;
  let first;
  let second;

  await scenario(t, [
    ['the host hears player:reconnected and then session:joined, with every field', async () => {
      await mira.attach(how);
      await meeting.fence();
      heardExactly(mira.client, [
        ['player:reconnected', {
          player: { ...hostShape, avatar: '🦊' },
          sessionState: { players: [hostShape], stories: [], currentStory: absent, votesRevealed: false, config: DEFAULT_CONFIG },
        }],
        ['session:joined', {
          sessionId, player: { ...hostShape, avatar: '🦊' }, players: [hostShape], stories: [], currentStory: absent,
          config: DEFAULT_CONFIG, hostId: mira.playerId, votesRevealed: false, voteCount: 0, totalPlayers: 1, token: absent,
        }],
      ]);
    }],

    ['a player who joins over REST is announced before he has a socket, and not again when he opens it', async () => {
      jonas = await meeting.everyoneHears(
        (person) => [['player:joined', { player: playerShape(person), playerCount: 2 }]],
        () => meeting.join('Jonas', { avatar: '🚀', attach: false }),
      );
      await meeting.nobodyHears(() => jonas.attach(how));
      assert.deepEqual(jonas.client.heardNames(), ['player:reconnected', 'session:joined']);
      match(jonas.joined, {
        player: playerShape(jonas), players: [hostShape, playerShape(jonas)], hostId: mira.playerId, totalPlayers: 2,
        voteCount: 0, token: absent,
      });
    }],

    ['a player created by his socket is announced to the others only, and gets a token', async () => {
      ada = await meeting.everyoneHears(
        (person) => [['player:joined', { player: playerShape(person), playerCount: 3 }]],
        () => meeting.appear('Ada', { avatar: 'avatar-7' }),
      );
      assert.deepEqual(ada.client.heardNames(), ['session:joined']);
      const everybody = [hostShape, playerShape(jonas), playerShape(ada)];
      match(ada.joined, { player: playerShape(ada, { avatar: 'avatar-7' }), players: everybody, totalPlayers: 3, token: isToken });
    }],

    ['a name that is on the roster is refused over the socket, and nobody else notices', async () => {
      await meeting.nobodyHears(async () => {
        const double = meeting.forget(meeting.connect({ sessionId, playerName: 'Jonas' }, how));
        t.after(() => double.close());
        assert.equal(await double.next('disconnect'), 'io server disconnect');
        assert.deepEqual(double.history.map(({ event }) => event), ['connect', 'session:error', 'disconnect']);
        match(double.history[1].args, [{
          error: 'Failed to join session', code: 'CONNECTION_FAILED', reason: 'Player name already exists in session',
        }]);
      });
    }],

    ['a spectator is on the roster but not among the voters', async () => {
      sven = await meeting.everyoneHears(
        (person) => [['player:joined', { player: playerShape(person, { isSpectator: true }), playerCount: 4 }]],
        () => meeting.join('Sven', { asSpectator: true, attach: false }),
      );
      await sven.attach(how);
      match(sven.joined, { player: { isSpectator: true }, totalPlayers: 3 });
    }],

    ['an anonymous watcher gets the state without being anybody, and nobody hears of him', async () => {
      watcher = await meeting.nobodyHears(() => meeting.watch(how));
      match(watcher.heard()[0].args[0], { sessionId, player: null, players: { length: 4 }, totalPlayers: 3 });
    }],

    ['a story added over REST is created and then activated for everybody', async () => {
      first = await meeting.everyoneHears(
        (story) => {
          const shape = storyShape({ id: story.id, title: 'Export as CSV', orderIndex: 1 });
          return [['story:created', { story: shape }], ['story:activated', { story: shape, previousActiveStoryId: absent }]];
        },
        () => ok(mira.addStory('Export as CSV'), 201),
      );
      match(first, storyShape({ title: 'Export as CSV', sessionId, orderIndex: 1 }));
    }],

    ['a story added over the socket with its own index becomes the only active one', async () => {
      await meeting.everyoneHears(
        () => {
          const shape = storyShape({ title: 'Import', description: 'one file per month', orderIndex: 7 });
          return [['story:created', { story: shape }], ['story:activated', { story: shape, previousActiveStoryId: first.id }]];
        },
        () => acknowledged(mira.client.call('story:create', { title: 'Import', description: 'one file per month', orderIndex: 7 })),
      );
      const stories = await ok(mira.rest.get(`${path}/stories`));
      match(stories.map(({ title, isActive, completedAt }) => ({ title, isActive, completedAt })), [
        { title: 'Export as CSV', isActive: false, completedAt: absent },
        { title: 'Import', isActive: true, completedAt: absent },
      ]);
      second = stories[1];
    }],

    ['votes and changed votes are counted in front of everybody and shown to nobody', async () => {
      const vote = await meeting.everyoneHears([submitted(mira, 1, 3)], () => ok(mira.vote(SECRETS.mira, { storyId: second.id })));
      match(vote, { voteId: (id) => typeof id === 'string', timestamp: isTimestamp });
      await meeting.everyoneHears([submitted(jonas, 2, 3)], () =>
        acknowledged(jonas.client.call('vote:submit', { value: SECRETS.jonas, storyId: second.id, confidence: 4 })));
      await meeting.everyoneHears(
        [submitted(mira, 2, 3), ['vote:changed', { playerId: mira.playerId, hasVoted: true, value: absent }]],
        () => acknowledged(mira.client.call('vote:change', { value: SECRETS.miraChanged, confidence: 2 })),
      );
      match(await ok(sven.rest.get(`${path}/votes`)), {
        votes: [
          { playerId: mira.playerId, playerName: 'Mira', hasVoted: true, value: null, confidence: null, timestamp: isTimestamp },
          { playerId: jonas.playerId, playerName: 'Jonas', hasVoted: true, value: null, confidence: null, timestamp: isTimestamp },
        ],
        revealed: false,
        consensus: null,
      });
      const players = await ok(sven.rest.get(`${path}/players`));
      assert.deepEqual(players.map(({ name, hasVoted }) => [name, hasVoted]), [['Mira', true], ['Jonas', true], ['Ada', false], ['Sven', false]]);
      meeting.assertSecret(...Object.values(SECRETS));
    }],

    ['an early reveal by a player is ignored without an error, by a spectator too', async () => {
      await meeting.nobodyHears(async () => {
        jonas.client.emit('cards:reveal', { storyId: sessionId });
        await jonas.client.settle();
        match(await jonas.client.call('cards:reveal', {}), { ok: false, error: (text) => text !== '', code: 'FORBIDDEN' });
        await refused(sven.reveal(), 403, 'Host authorization required');
      });
      meeting.assertSecret(...Object.values(SECRETS));
    }],

    ['a reset by a player while the cards are closed is refused to him alone', async () => {
      await meeting.nobodyHears(async () => {
        jonas.client.emit('game:reset');
        await jonas.client.settle();
      }, { except: jonas.client });
      heardExactly(jonas.client, [['session:error', { error: 'Host authorization required', code: 'FORBIDDEN' }]]);
    }],

    ['a spectator cannot vote', async () => {
      await meeting.nobodyHears(() => refused(sven.vote('5'), 403, 'Spectators cannot vote'));
      await meeting.nobodyHears(async () => {
        sven.client.emit('vote:submit', { value: '5' });
        await sven.client.settle();
      }, { except: sven.client });
      heardExactly(sven.client, [['connection:error', { error: 'Spectators cannot vote', code: 'SPECTATOR' }]]);
    }],

    ['after the last vote any member reveals, and every socket gets the same cards', async () => {
      await meeting.everyoneHears([submitted(ada, 3, 3)], () => acknowledged(ada.client.call('vote:submit', { value: SECRETS.ada })));
      meeting.assertSecret(...Object.values(SECRETS));
      const votes = [
        { playerId: mira.playerId, playerName: 'Mira', value: SECRETS.miraChanged, confidence: 2 },
        { playerId: jonas.playerId, playerName: 'Jonas', value: SECRETS.jonas, confidence: 4 },
        { playerId: ada.playerId, playerName: 'Ada', value: SECRETS.ada, confidence: absent },
      ];
      const consensus = {
        hasConsensus: false, suggestedValue: SECRETS.miraChanged, averageValue: absent, deviation: absent,
        value: SECRETS.miraChanged, agreement: near(1 / 3), average: absent, totalVotes: 3,
        distribution: { [SECRETS.miraChanged]: 1, [SECRETS.jonas]: 1, [SECRETS.ada]: 1 },
      };
      await meeting.everyoneHears([['cards:revealed', { storyId: second.id, votes, consensus, statistics: absent }]], async () => {
        ada.client.emit('cards:reveal', { storyId: sessionId });
        await ada.client.settle();
      });
      const again = await meeting.nobodyHears(() => ok(mira.reveal()));
      match(again, { votes, consensus, statistics: null });
    }],

    ['a vote after the reveal is refused on both ways', async () => {
      await meeting.nobodyHears(() => refused(jonas.vote('5'), 400, 'Voting closed - cards already revealed'));
      const answer = await meeting.nobodyHears(() => jonas.client.call('vote:submit', { value: '5' }));
      match(answer, { ok: false, error: 'Voting closed - cards already revealed', code: 'ALREADY_REVEALED' });
    }],

    ['any player may reset an open round', async () => {
      await meeting.everyoneHears([['game:reset', { storyId: second.id }]], async () => {
        jonas.client.emit('game:reset', {});
        await jonas.client.settle();
      });
      match(await ok(jonas.rest.get(`${path}/votes`)), { votes: [], revealed: false, consensus: null });
    }],

    ['the consensus follows the table, and an estimate is told before the cards', async () => {
      const lin = await meeting.join('Lin', { attach: false });
      const omar = await meeting.join('Omar', { attach: false });
      const voters = [mira, jonas, ada, lin, omar];
      for (const row of CONSENSUS) await consensusRow(meeting, voters, row);
      await leaveForGood(meeting, lin, 5);
      await leaveForGood(meeting, omar, 4);
    }],

    ['an estimate survives the reset of its round', async () => {
      const story = await ok(mira.addStory('Estimated'), 201);
      await ok(jonas.vote('8'));
      await ok(mira.reveal());
      await meeting.everyoneHears([['game:reset', { storyId: story.id }]], () => ok(jonas.resetVoting()));
      match((await ok(jonas.rest.get(`${path}/stories`))).at(-1), { id: story.id, finalEstimate: '8', isActive: true });
    }],

    ['the timer runs for everybody and only at the host\'s will', async () => {
      const running = { isRunning: true, duration: 300, remainingTime: 300, startedAt: isTimestamp };
      await meeting.everyoneHears([['timer:updated', { timer: running }]], async () => {
        mira.client.emit('timer:start', { duration: 300, startedAt: 1 });
        await mira.client.settle();
      });
      await meeting.nobodyHears(async () => {
        jonas.client.emit('timer:stop', {});
        await jonas.client.settle();
      }, { except: jonas.client });
      heardExactly(jonas.client, [['session:error', { error: 'Host authorization required', code: 'FORBIDDEN' }]]);
      await meeting.everyoneHears([['timer:updated', { timer: STOPPED_TIMER }]], async () => {
        mira.client.emit('timer:stop', {});
        await mira.client.settle();
      });
      const settings = { autoReveal: true, autoSkip: false, audioEnabled: true, warningAt: [60, 30, 10] };
      const waiting = { isRunning: false, duration: 120, remainingTime: 120, startedAt: absent, mode: 'countdown', settings };
      await meeting.everyoneHears([['timer:updated', { timer: waiting }]], () =>
        acknowledged(mira.client.call('timer:start', { duration: 120, mode: 'countdown', settings })));
    }],

    ['a story can be renamed by the host over the socket', async () => {
      const stories = await ok(mira.rest.get(`${path}/stories`));
      const { id } = stories.at(-1);
      const story = storyShape({ id, title: 'Renamed', description: 'why', finalEstimate: '8' });
      await meeting.everyoneHears([['story:updated', { story }]], async () => {
        mira.client.emit('story:update', { storyId: id, title: 'Renamed', description: 'why' });
        await mira.client.settle();
      });
    }],

    ['a player changes his own name and avatar', async () => {
      ada.name = 'Ada L.';
      ada.avatar = '🔮';
      await meeting.everyoneHears([['player:updated', { player: playerShape(ada) }]], async () => {
        ada.client.emit('player:update', { name: '  Ada L. ', avatar: '🔮' });
        await ada.client.settle();
      });
    }],

    ['the host right moves with a promotion, whatever the old tokens say', async () => {
      await meeting.everyoneHears(
        [['player:promoted', { newHost: playerShape(jonas, { isHost: true }), previousHost: playerShape(mira) }]],
        async () => {
          mira.client.emit('player:promote', { playerId: jonas.playerId });
          await mira.client.settle();
        },
      );
      await refused(mira.addStory('Mine'), 403, 'Host authorization required');
      await meeting.everyoneHears(
        (story) => [['story:created', { story: { id: story.id } }], ['story:activated', { story: { id: story.id } }]],
        () => ok(jonas.addStory('His'), 201),
      );
    }],

    ['a removed player hears it, is disconnected and cannot come back', async () => {
      await meeting.everyoneHears(
        [['player:removed', { playerId: ada.playerId, removedBy: jonas.playerId, playerCount: 3 }]],
        async () => {
          jonas.client.emit('player:remove', { playerId: ada.playerId });
          await ada.client.next('player:removed', ({ removedBy }) => removedBy === jonas.playerId);
          assert.equal(await ada.client.next('disconnect'), 'io server disconnect');
          meeting.forget(ada.client);
        },
      );
      assert.deepEqual(ada.client.heardNames(), ['player:removed']);
      await refused(ada.vote('5'), 401, 'Player no longer exists in session');
      await meeting.nobodyHears(async () => {
        const back = meeting.forget(meeting.connect({ sessionId, playerId: ada.playerId }, how));
        t.after(() => back.close());
        assert.equal(await back.next('refused'), 'You have been removed from the session');
      });
    }],

    ['a host who leaves on purpose is gone at once and hands over', async () => {
      await meeting.everyoneHears(
        [
          ['player:left', { playerId: jonas.playerId, playerCount: 2 }],
          ['player:promoted', { newHost: playerShape(mira, { isHost: true }) }],
        ],
        async () => {
          meeting.forget(jonas.client).socket.disconnect();
          await mira.client.next('player:promoted');
        },
      );
      match(await ok(mira.rest.get(path)), { hostId: mira.playerId, playerCount: 2, players: [{ id: mira.playerId }, { id: sven.playerId }] });
    }],

    ['no frame of the whole meeting has a null where a field should be missing', () => {
      for (const client of meeting.clients) {
        for (const { event, args } of client.history.filter((entry) => entry.args[0]?.player !== null)) {
          if (event !== 'connect' && event !== 'disconnect') noNulls(args, event);
        }
      }
    }],
  ]);
}

async function consensusRow(meeting, voters, { votes, says, estimate }) {
  const { host } = meeting;
  const story = await ok(host.addStory(`Votes ${votes.join(' ')}`), 201);
  for (const [index, value] of votes.entries()) await ok(voters[index].vote(value));
  const cards = votes.map((value, index) => ({ playerId: voters[index].playerId, playerName: voters[index].name, value }));
  const distribution = Object.fromEntries(votes.map((value) => [value, votes.filter((other) => other === value).length]));
  const consensus = {
    ...says,
    value: says.suggestedValue,
    agreement: near(distribution[says.suggestedValue] / votes.length),
    average: says.averageValue,
    distribution,
    totalVotes: votes.length,
  };
  const revealed = ['cards:revealed', { storyId: story.id, votes: cards, consensus, statistics: statistics(votes, says.deviation) }];
  const estimated = ['story:updated', { story: storyShape({ id: story.id, finalEstimate: estimate }) }];
  const answer = await meeting.everyoneHears(estimate ? [estimated, revealed] : [revealed], () => ok(host.reveal()));
  match(answer, { votes: cards, consensus });
}

function statistics(votes, standardDeviation) {
  const numbers = votes.map(Number).filter(Number.isFinite).sort((a, b) => a - b);
  if (numbers.length === 0) return absent;
  const median = numbers[Math.floor(numbers.length / 2)];
  return { min: numbers[0], max: numbers.at(-1), median, standardDeviation, confidenceAverage: 0 };
}

/** `session:leave` needs a socket; the people of the consensus table have none yet. */
async function leaveForGood(meeting, person, playerCount) {
  await person.attach(meeting.how);
  meeting.forget(person.client);
  await meeting.everyoneHears(
    [['player:left', { playerId: person.playerId, playerCount }]],
    async () => {
      person.client.emit('session:leave', { sessionId: meeting.sessionId });
      await person.client.next('disconnect');
    },
  );
}

async function automaticReveal(t, how) {
  const meeting = await Meeting.open(server, { how, body: { config: { autoRevealCards: true } } });
  t.after(() => meeting.close());
  const { host: mira } = meeting;
  const jonas = await meeting.join('Jonas');
  const story = await ok(mira.addStory('Alone'), 201);
  await ok(mira.vote('13'));
  const revealed = (value) => [{ playerId: mira.playerId, value: '13' }, { playerId: jonas.playerId, value }];
  await meeting.everyoneHears(
    [
      submitted(jonas, 2, 2),
      ['story:updated', { story: storyShape({ id: story.id, finalEstimate: '13' }) }],
      ['cards:revealed', { storyId: story.id, votes: revealed('13'), consensus: { hasConsensus: true, suggestedValue: '13' } }],
    ],
    async () => {
      await ok(jonas.vote('13'));
      await jonas.client.next('cards:revealed');
    },
  );
}

async function acknowledged(call) {
  const answer = await call;
  match(answer, { ok: true });
  return answer;
}
