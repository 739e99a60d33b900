/** The player's own cards. */
import { useEffect, useRef } from 'preact/hooks';
import { useCell } from '../cell.ts';
import { face } from '../decks.ts';
import { attempt } from '../parts/failure.ts';
import { Choice } from '../parts/fields.tsx';
import { activeStory, self } from '../session/room.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

/** As many cards as fit side by side on 360 px. */
const MOST_COLUMNS = 7;
const LEVELS = ['1', '2', '3', '4', '5'];

export function Deck() {
  const { live, room } = useTable();
  const ballot = useCell(live.ballot);
  const connection = useCell(live.connectionState);
  if (self(room)?.isSpectator) return <Spectator />;
  const open = activeStory(room) !== undefined && !room.votesRevealed;
  const mine = ballot?.storyId === activeStory(room)?.id ? ballot : undefined;
  return (
    <section class="hand" aria-labelledby="deck-title">
      <header class="hand-head">
        <h2 id="deck-title">{mine ? t('yourCardIs', { card: face(mine.value) }) : t('chooseCard')}</h2>
        {mine && !mine.sent && connection !== 'online' && <p class="queued">{t('voteQueued')}</p>}
      </header>
      <Cards chosen={mine?.value} open={open} />
      <Choice
        legend={t('confidence')}
        shape="chips"
        value={mine?.confidence === undefined ? undefined : String(mine.confidence)}
        options={LEVELS.map((level) => ({ value: level, label: level, name: t('confidenceIs', { n: Number(level) }) }))}
        onChange={(level) => mine && live.choose({ value: mine.value, confidence: Number(level) })}
        disabled={!mine || !open}
      />
    </section>
  );
}

function Spectator() {
  const { actions } = useTable();
  return (
    <div class="panel hand watching-note">
      <p>{t('watchingNote')}</p>
      <button type="button" class="button" onClick={() => void attempt(actions.changeSelf({ isSpectator: false }))}>
        {t('takePart')}
      </button>
    </div>
  );
}

/** One stop of the Tab key; arrow keys go from card to card, Enter and Space choose. */
function Cards({ chosen, open }: { chosen?: string; open: boolean }) {
  const { live, room } = useTable();
  const cards = [...new Set(room.config.cardValues)];
  const list = useRef<HTMLDivElement>(null);
  const stop = chosen !== undefined && cards.includes(chosen) ? chosen : cards[0];
  const confidence = live.ballot.value?.confidence;
  useRovingFocus(list, stop);
  return (
    <div
      class="deck"
      role="group"
      aria-labelledby="deck-title"
      ref={list}
      style={{ '--columns': columns(cards.length) }}
    >
      {cards.map((card) => (
        <button
          key={card}
          type="button"
          class="card"
          aria-pressed={card === chosen}
          disabled={!open}
          onClick={() => live.choose({ value: card, confidence: chosen === undefined ? undefined : confidence })}
        >
          <span>{face(card)}</span>
        </button>
      ))}
    </div>
  );
}

/** On a phone: as few rows as hold the cards, and those of equal length. */
function columns(count: number): number {
  return Math.ceil(count / Math.ceil(count / MOST_COLUMNS));
}

function useRovingFocus(list: { current: HTMLElement | null }, stop: string | undefined): void {
  useEffect(() => {
    const group = list.current;
    if (!group) return;
    const buttons = () => [...group.querySelectorAll('button')];
    const rest = (at: number) => buttons().forEach((button, index) => (button.tabIndex = index === at ? 0 : -1));
    rest(Math.max(0, buttons().findIndex((button) => button.getAttribute('aria-pressed') === 'true')));
    const onKey = (event: KeyboardEvent) => {
      const at = buttons().indexOf(event.target as HTMLButtonElement);
      const to = at < 0 ? undefined : stepped(event.key, at, buttons().length);
      if (to === undefined) return;
      event.preventDefault();
      rest(to);
      buttons()[to]?.focus();
    };
    group.addEventListener('keydown', onKey);
    return () => group.removeEventListener('keydown', onKey);
  }, [stop]);
}

function stepped(key: string, at: number, count: number): number | undefined {
  if (key === 'ArrowRight' || key === 'ArrowDown') return (at + 1) % count;
  if (key === 'ArrowLeft' || key === 'ArrowUp') return (at + count - 1) % count;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return undefined;
}
