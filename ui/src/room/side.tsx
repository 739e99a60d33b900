/** Beside the table: the stories, and the rounds so far. On a phone these are panes of their own. */
import { Backlog } from '../stories/backlog.tsx';
import { t, type Key } from '../text/text.ts';
import { History } from './history.tsx';

export type Pane = 'round' | 'backlog' | 'history';

interface Props {
  pane: Pane;
  onChange: (pane: Pane) => void;
}

const LABELS: Record<Pane, Key> = { round: 'paneRound', backlog: 'paneBacklog', history: 'paneHistory' };

/** Only on narrow screens. */
export function Panes({ pane, onChange }: Props) {
  return (
    <nav class="panes" aria-label={t('panes')}>
      <Tabs panes={['round', 'backlog', 'history']} current={pane} onChange={onChange} />
    </nav>
  );
}

export function Side({ pane, onChange }: Props) {
  const shown = pane === 'round' ? 'backlog' : pane;
  return (
    <section class="side" aria-label={t(LABELS[shown])}>
      <div class="side-tabs">
        <Tabs panes={['backlog', 'history']} current={shown} onChange={onChange} />
      </div>
      {shown === 'backlog' ? <Backlog /> : <History />}
    </section>
  );
}

function Tabs({ panes, current, onChange }: { panes: Pane[]; current: Pane; onChange: (pane: Pane) => void }) {
  return (
    <div class="tabs">
      {panes.map((pane) => (
        <button key={pane} type="button" aria-current={pane === current ? 'true' : undefined} onClick={() => onChange(pane)}>
          {t(LABELS[pane])}
        </button>
      ))}
    </div>
  );
}
