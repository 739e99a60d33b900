import { useEffect, useState } from 'preact/hooks';
import { useCell } from '../cell.ts';
import { Mark } from '../parts/icon.tsx';
import { Looks } from '../parts/looks.tsx';
import { language, locale } from '../preferences.ts';
import { Charts } from './charts.tsx';
import { lost, stats, token, type Wish } from './server.ts';
import { SessionList } from './session-list.tsx';
import { Tiles } from './tiles.tsx';
import { WishDialog } from './wish-dialog.tsx';
import { w } from './words.ts';

export function Dashboard() {
  // Everything below is rendered anew in another language.
  useCell(language);
  const numbers = useCell(stats);
  const [wished, setWished] = useState<Wish>();
  const [done, setDone] = useState('');
  const title = `${w('title')} · Roundtable`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <div class="board">
      <header class="board-head">
        <Mark />
        <h1>{w('title')}</h1>
        <Freshness />
        <Looks />
      </header>
      <main class="board-main">
        <Trouble />
        {numbers && (
          <>
            <Tiles stats={numbers} />
            <Charts />
            <SessionList onWish={setWished} />
          </>
        )}
        <p class="note done" role="status">{done}</p>
        <Forget />
      </main>
      {wished && <WishDialog wished={wished} onDone={setDone} onClose={() => setWished(undefined)} />}
    </div>
  );
}

function Freshness() {
  const trouble = useCell(lost);
  const numbers = useCell(stats);
  const word = trouble ? 'old' : numbers ? 'live' : 'connecting';
  return <span class={`pill ${word}`}>{w(word)}</span>;
}

function Trouble() {
  const trouble = useCell(lost);
  if (!trouble) return null;
  const { since } = trouble;
  const time = since && new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(since);
  return <p class="callout trouble" role="alert">{time ? w('lost', { time }) : w('neverReached')}</p>;
}

function Forget() {
  if (!useCell(token)) return null;
  return (
    <p>
      <button type="button" class="button small" onClick={() => token.set('')}>{w('forget')}</button>
    </p>
  );
}
