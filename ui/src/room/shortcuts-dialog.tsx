/** The keys, and the switch that turns them off. */
import { useCell } from '../cell.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Switch } from '../parts/fields.tsx';
import { shortcuts, switchShortcuts } from '../preferences.ts';
import { t, type Key } from '../text/text.ts';

const KEYS: [keys: string[], meaning: Key][] = [
  [['0', '…', '9'], 'keyCard'],
  [['←', '→'], 'keyArrows'],
  [['R'], 'keyReveal'],
  [['V'], 'keyAgain'],
  [['N'], 'keyNext'],
  [['T'], 'keyTimer'],
  [['S'], 'keyShare'],
  [['M'], 'keyMenu'],
  [['?'], 'keyHelp'],
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const on = useCell(shortcuts);
  return (
    <Dialog title={t('shortcuts')} onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, meaning]) => (
          <div key={meaning}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(meaning)}</dd>
          </div>
        ))}
      </dl>
      <Switch label={t('shortcutsOn')} on={on} onChange={switchShortcuts} />
    </Dialog>
  );
}
