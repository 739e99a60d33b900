/** Emoji that fly over the table. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useCell } from '../cell.ts';
import { wordsFor } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { announce, notify } from '../parts/notices.tsx';
import type { Reaction } from '../session/live.ts';
import { Refusal } from '../session/rest.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

const EMOJI = ['👍', '🎉', '❤️', '😂', '🤔', '👀'];
const FLIGHT_MS = 2_600;
const MOST_AT_ONCE = 24;

export function Reactions() {
  const { actions } = useTable();
  const [offered, setOffered] = useState(true);
  const [open, setOpen] = useState(false);
  if (!offered) return null;
  const send = async (emoji: string) => {
    try {
      await actions.sendReaction(emoji);
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'Unknown event') setOffered(false);
      else notify(wordsFor(error));
    }
  };
  return (
    <div class="reactions" onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}>
      <button
        type="button"
        class="icon-button"
        aria-label={t('reactions')}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="smile" />
      </button>
      {open && (
        <div class="reactions-bar" role="group" aria-label={t('reactions')}>
          {EMOJI.map((emoji) => (
            <button key={emoji} type="button" aria-label={t('react', { emoji })} onClick={() => void send(emoji)}>
              {emoji}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

interface Flying extends Reaction {
  lane: number;
  name: string;
}

export function Flight() {
  const { live, room } = useTable();
  const latest = useCell(live.reaction);
  const seen = useRef(latest?.id ?? 0);
  const [flying, setFlying] = useState<Flying[]>([]);
  useEffect(() => {
    if (!latest || latest.id === seen.current) return;
    seen.current = latest.id;
    const name = room.players.find(({ id }) => id === latest.playerId)?.name ?? '';
    announce(t('saidReaction', { name, emoji: latest.emoji }));
    setFlying((before) => [...before.slice(-MOST_AT_ONCE), { ...latest, name, lane: Math.random() }]);
    setTimeout(() => setFlying((now) => now.filter(({ id }) => id !== latest.id)), FLIGHT_MS);
  }, [latest]);
  return (
    <div class="flight" aria-hidden="true">
      {flying.map((reaction) => (
        <span
          key={reaction.id}
          class="flying"
          ref={(element) => element?.style.setProperty('--lane', String(reaction.lane))}
        >
          {reaction.emoji}
          <small>{reaction.name}</small>
        </span>
      ))}
    </div>
  );
}
