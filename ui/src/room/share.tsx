/** The ways to bring others in: a link, a code to scan, and whatever the device offers. */
import { encode } from 'uqr';
import { sessionLink } from '../base.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { notify } from '../parts/notices.tsx';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

export function ShareDialog({ onClose }: { onClose: () => void }) {
  const { live } = useTable();
  const link = sessionLink(live.seat.sessionId);
  const title = live.info.value?.name ?? 'Roundtable';
  const mayShare = typeof navigator.share === 'function';
  return (
    <Dialog title={t('shareTitle')} onClose={onClose}>
      <QrCode text={link} />
      <div class="field">
        <label for="share-link">{t('link')}</label>
        <div class="share-row">
          <input id="share-link" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
          <button type="button" class="button primary" data-autofocus onClick={() => void copy(link)}>
            <Icon name="copy" />
            {t('copy')}
          </button>
        </div>
      </div>
      {mayShare && (
        <button type="button" class="button" onClick={() => navigator.share({ title, url: link }).catch(() => {})}>
          <Icon name="share" />
          {t('shareVia')}
        </button>
      )}
    </Dialog>
  );
}

/** Dark on light whatever the theme: some scanners read nothing else. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 2 });
  const path = data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg class="qr" role="img" aria-label={t('qrCode')} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#111" />
    </svg>
  );
}

async function copy(link: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    // Without a secure origin there is no clipboard; the field is there to be copied by hand.
    const field = document.querySelector<HTMLInputElement>('#share-link');
    field?.select();
    if (!document.execCommand('copy')) return notify(t('copyByHand'));
  }
  notify(t('copied'));
}
