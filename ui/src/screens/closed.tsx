/** Screens behind a door that is shut. */
import { goTo } from '../route.ts';
import type { Closing } from '../session/live.ts';
import { t, type Key } from '../text/text.ts';
import { Headline, Shell } from './shell.tsx';

const WORDS: Record<'removed' | 'deleted' | 'expired' | 'missing' | 'left', { title: Key; body: Key }> = {
  removed: { title: 'removedTitle', body: 'removedBody' },
  deleted: { title: 'deletedTitle', body: 'deletedBody' },
  expired: { title: 'expiredTitle', body: 'expiredBody' },
  missing: { title: 'missingTitle', body: 'missingBody' },
  left: { title: 'leftTitle', body: 'leftBody' },
};

interface Props {
  closing: Exclude<Closing, 'unseated'>;
  /** Where coming back is possible. */
  onReturn?: () => void;
}

export function Closed({ closing, onReturn }: Props) {
  const words = WORDS[closing];
  return (
    <Shell title={t(words.title)}>
      <section class="panel door closed">
        <EmptyTable />
        <Headline>{t(words.title)}</Headline>
        <p class="lead">{t(words.body)}</p>
        <div class="row">
          <button class="button primary" type="button" onClick={() => goTo('')}>
            {t('toStart')}
          </button>
          {onReturn && (
            <button class="button" type="button" onClick={onReturn}>
              {t('joinAgain')}
            </button>
          )}
        </div>
      </section>
    </Shell>
  );
}

export function NotFound() {
  return <Closed closing="missing" />;
}

function EmptyTable() {
  return (
    <svg class="empty-table" viewBox="0 0 120 72" aria-hidden="true" focusable="false">
      <ellipse cx="60" cy="40" rx="44" ry="20" class="empty-top" />
      <path d="M16 40c0 11 20 24 44 24s44-13 44-24" class="empty-edge" />
      <rect x="52" y="8" width="18" height="25" rx="3" class="empty-card" transform="rotate(12 61 20)" />
    </svg>
  );
}
