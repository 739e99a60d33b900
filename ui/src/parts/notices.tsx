/** Short messages: seen for a while in a corner, and said aloud once. */
import { useEffect, useState } from 'preact/hooks';
import { Cell, useCell } from '../cell.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';

const SHOWN_MS = 6_000;

interface Notice {
  id: number;
  text: string;
}

const notices = new Cell<Notice[]>([]);
const spoken = new Cell<string>('');
let count = 0;

export function notify(text: string): void {
  count += 1;
  const notice = { id: count, text };
  notices.set([...notices.value.slice(-2), notice]);
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

/** Says something to a screen reader only. */
export function announce(text: string): void {
  // The same words twice would be no change, and so no speech.
  spoken.set(spoken.value === text ? `${text}\u00a0` : text);
}

function dismiss(id: number): void {
  notices.set(notices.value.filter((notice) => notice.id !== id));
}

/** Open dialogs make everything outside them unreachable, so the topmost shows the notices as long as it is there. */
const dialogs = new Cell(0);

export function dialogOpened(): () => void {
  dialogs.set(dialogs.value + 1);
  return () => dialogs.set(dialogs.value - 1);
}

export function Notices({ place }: { place: 'page' | 'dialog' }) {
  const shown = useCell(notices);
  const covered = useCell(dialogs) > 0;
  if (place === 'page' && covered) return null;
  return (
    <div class="notices" role="status" aria-label={t('messages')}>
      {shown.map((notice) => (
        <p key={notice.id} class="notice">
          <span>{notice.text}</span>
          <button type="button" class="icon-button" aria-label={t('close')} onClick={() => dismiss(notice.id)}>
            <Icon name="close" />
          </button>
        </p>
      ))}
    </div>
  );
}

/** Several things said within a moment are read as one sentence after the other. */
export function Speech() {
  const text = useCell(spoken);
  const [shown, show] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => show(text), 80);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="unseen" role="status" aria-label={t('announcements')}>
      {shown}
    </p>
  );
}
