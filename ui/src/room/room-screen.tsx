/** The room: bar, table, deck or results, and the list of stories beside them. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useCell } from '../cell.ts';
import { wordsFor } from '../parts/failure.ts';
import { announce, notify } from '../parts/notices.tsx';
import { Headline, Shell, useTitle } from '../screens/shell.tsx';
import { Actions } from '../session/actions.ts';
import type { Live } from '../session/live.ts';
import { Refusal } from '../session/rest.ts';
import { activeStory, amHost, withoutResult } from '../session/room.ts';
import { t } from '../text/text.ts';
import { spokenWords } from './announcements.ts';
import { Table, useTable, type AtTable, type OpenDialog } from './at-table.ts';
import { Bar } from './bar.tsx';
import { Countdown, useCountdown } from './countdown.tsx';
import { Deck } from './deck.tsx';
import { Dialogs } from './dialogs.tsx';
import { NoStory } from './no-story.tsx';
import { Flight } from './reactions.tsx';
import { Results } from './results.tsx';
import { Panes, Side, type Pane } from './side.tsx';
import { useShortcuts } from './shortcuts.ts';
import { StoryHead } from './story-head.tsx';
import { TablePanel } from './table-panel.tsx';

export function RoomScreen({ live }: { live: Live }) {
  const room = useCell(live.room);
  useEffect(() => {
    live.onRefusedVote = (reason) => notify(wordsFor(new Refusal(400, reason)));
    live.witness = (event, after, before) => {
      const words = spokenWords(event, after, before);
      if (words) announce(words);
    };
  }, [live]);
  if (room) return <OpenRoom live={live} />;
  return (
    <Shell title={live.seat.sessionName}>
      <section class="panel door" aria-busy="true">
        <p class="eyebrow">{t('connecting')}</p>
        <Headline>{live.seat.sessionName}</Headline>
      </section>
    </Shell>
  );
}

function OpenRoom({ live }: { live: Live }) {
  const room = useCell(live.room)!;
  const info = useCell(live.info);
  const actions = useMemo(() => new Actions(live), [live]);
  const [dialog, show] = useState<OpenDialog>();
  const [pane, setPane] = useState<Pane>('round');
  const countdown = useCountdown(room);
  const shown = countdown.left === 0;
  const seen = useMemo(() => (shown ? room : withoutResult(room)), [room, shown]);
  const table: AtTable = { live, actions, room: seen, host: amHost(room), shown, show };
  useTitle(info?.name ?? live.seat.sessionName);
  useShortcuts(table, dialog === undefined);
  return (
    <Table.Provider value={table}>
      <SkipLink />
      <div class="room" data-pane={pane}>
        <Bar />
        <Panes pane={pane} onChange={setPane} />
        <main class="room-main">
          <div class="stage" id="stage" tabIndex={-1}>
            <StoryHead />
            <TablePanel />
            <Hand />
          </div>
          <Side pane={pane} onChange={setPane} />
        </main>
      </div>
      <Countdown {...countdown} />
      <Flight />
      <Dialogs open={dialog} />
    </Table.Provider>
  );
}

/** What lies before the player: cards to choose from, or what they came to. */
function Hand() {
  const { room, shown } = useTable();
  if (!activeStory(room)) return <NoStory />;
  return room.votesRevealed && shown ? <Results /> : <Deck />;
}

/** A link would follow `<base>`, and so leave the room. */
function SkipLink() {
  return (
    <button type="button" class="skip" onClick={() => document.getElementById('stage')?.focus()}>
      {t('skipToTable')}
    </button>
  );
}
