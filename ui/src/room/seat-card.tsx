/** A player's place: a card - none, face down, or open - and whose it is. */
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';
import { face } from '../decks.ts';
import type { Player, Vote } from '../session/protocol.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

interface Props {
  player: Player;
  vote?: Vote;
  far?: 'low' | 'high';
}

export function SeatCard({ player, vote, far }: Props) {
  const { room, host, shown, show } = useTable();
  const mine = player.id === room.me;
  const open = room.votesRevealed && shown;
  const classes = ['seat', mine && 'mine', player.isOnline === false && 'away', open && far].filter(Boolean).join(' ');
  const name = (
    <>
      {player.id === room.hostId && (
        <span class="crown" title={t('host')}>
          <Icon name="crown" />
        </span>
      )}
      <Avatar avatar={player.avatar} name={player.name} />
      <span class="seat-name">{player.name}</span>
      <span class="unseen">{about(player, room.hostId === player.id, mine)}</span>
    </>
  );
  return (
    <li class={classes}>
      <TableCard player={player} vote={vote} open={open} />
      {host || mine ? (
        <button
          type="button"
          class="seat-who"
          onClick={() => show(mine ? { kind: 'profile' } : { kind: 'player', playerId: player.id })}
        >
          {name}
        </button>
      ) : (
        <span class="seat-who">{name}</span>
      )}
      {open && far && <span class="far">{t(far === 'low' ? 'lowest' : 'highest')}</span>}
    </li>
  );
}

function TableCard({ player, vote, open }: { player: Player; vote?: Vote; open: boolean }) {
  const down = player.votedInCurrentRound || vote !== undefined;
  const state = open ? (vote ? 'open' : 'none') : down ? 'down' : 'empty';
  const said = open ? (vote ? face(vote.value) : t('noVote')) : t(down ? 'hasVoted' : 'thinking');
  return (
    <span class={`table-card ${state}`}>
      <span class="unseen">{said}</span>
      <span class="table-card-inner" aria-hidden="true">
        <span class="table-card-back" />
        <span class="table-card-face">{vote ? face(vote.value) : '–'}</span>
      </span>
      {open && vote?.confidence !== undefined && <Sureness level={vote.confidence} />}
    </span>
  );
}

function Sureness({ level }: { level: number }) {
  return (
    <span class="sureness">
      <span class="unseen">{t('confidenceIs', { n: level })}</span>
      {[1, 2, 3, 4, 5].map((step) => (
        <span key={step} class={step <= level ? 'on' : undefined} aria-hidden="true" />
      ))}
    </span>
  );
}

function about(player: Player, isHost: boolean, mine: boolean): string {
  const parts = [mine && t('you'), isHost && t('host'), player.isOnline === false && t('away')].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}
