/** What a screen reader hears of the room: votes, the reveal, the story, the people. */
import type { ServerEvent, ServerEvents } from '../session/protocol.ts';
import { everyoneVoted, type Room } from '../session/room.ts';
import { face } from '../decks.ts';
import { number, percent, t } from '../text/text.ts';

export function spokenWords(event: ServerEvent, after: Room, before: Room | undefined): string | undefined {
  if (!before) return undefined;
  switch (event.name) {
    case 'vote:submitted':
      return votes(after, before);
    case 'cards:revealed':
      return revealed(event.payload);
    case 'game:reset':
      return event.payload.storyId ? t('saidReset') : undefined;
    case 'story:activated':
      return t('saidStory', { title: event.payload.story.title });
    case 'player:joined':
      return t('saidJoined', { name: event.payload.player.name });
    case 'player:left':
      return leaver(event.payload.playerId, before);
    case 'player:promoted':
      return t('saidHost', { name: event.payload.newHost.name });
    case 'timer:updated':
      return event.payload.timer.isRunning ? t('saidTimer', { n: event.payload.timer.duration }) : undefined;
    default:
      return undefined;
  }
}

function votes(after: Room, before: Room): string | undefined {
  if (after.voteCount === before.voteCount && after.totalPlayers === before.totalPlayers) return undefined;
  if (everyoneVoted(after)) return t('everyoneVoted');
  return t('progress', { n: after.voteCount, total: after.totalPlayers });
}

function revealed({ votes, consensus }: ServerEvents['cards:revealed']): string {
  const cards = votes.map(({ playerName, value }) => `${playerName} ${face(value)}`).join(', ');
  const average = consensus.average === undefined ? '' : `${t('average')} ${number(consensus.average)}. `;
  return `${t('saidRevealed')} ${cards}. ${average}${t('agreement')} ${percent(consensus.agreement ?? 0)}.`;
}

function leaver(playerId: string, before: Room): string | undefined {
  const player = before.players.find(({ id }) => id === playerId);
  return player && t('saidLeft', { name: player.name });
}
