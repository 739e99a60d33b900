/** The bar on top: which session, who is connected, the clock, and the ways out. */
import { useCell } from '../cell.ts';
import { Icon, Mark } from '../parts/icon.tsx';
import { onlineCount } from '../session/room.ts';
import { t, type Key } from '../text/text.ts';
import { useTable } from './at-table.ts';
import { TimerButton } from './timer.tsx';
import type { Connection } from '../session/line.ts';

export function Bar() {
  const { live, show } = useTable();
  const info = useCell(live.info);
  return (
    <header class="bar">
      <Mark />
      <h1 class="bar-title">{info?.name ?? live.seat.sessionName}</h1>
      <ConnectionState />
      <div class="bar-tools">
        <TimerButton />
        <button type="button" class="button" onClick={() => show({ kind: 'share' })}>
          <Icon name="share" />
          <span class="wide-only">{t('share')}</span>
        </button>
        <button type="button" class="icon-button" aria-label={t('menu')} onClick={() => show({ kind: 'menu' })}>
          <Icon name="menu" />
        </button>
      </div>
    </header>
  );
}

const WORDS: Record<Exclude<Connection, 'online'>, Key> = {
  connecting: 'connecting',
  reconnecting: 'reconnecting',
  offline: 'offline',
};

function ConnectionState() {
  const { live, room } = useTable();
  const state = useCell(live.connectionState);
  const words = state === 'online' ? t('online', { n: onlineCount(room) }) : t(WORDS[state]);
  return (
    <p class={`connection ${state}`} role="status" aria-label={t('connection')}>
      <span class="dot" aria-hidden="true" />
      {state === 'online' && (
        <span class="narrow-only" aria-hidden="true">
          {onlineCount(room)}
        </span>
      )}
      <span class={state === 'online' ? 'wide-only' : undefined}>{words}</span>
    </p>
  );
}
