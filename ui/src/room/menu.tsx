/** Everything that is not needed every minute. */
import type { ComponentChildren } from 'preact';
import { useCell } from '../cell.ts';
import { chime } from '../parts/chime.ts';
import { Dialog } from '../parts/dialog.tsx';
import { attempt } from '../parts/failure.ts';
import { Switch } from '../parts/fields.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Looks } from '../parts/looks.tsx';
import { sound, switchSound } from '../preferences.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';
import { Exports } from './history.tsx';

export function Menu({ onClose }: { onClose: () => void }) {
  const { host, show, actions } = useTable();
  return (
    <Dialog title={t('menu')} onClose={onClose} shape="sheet">
      <ul class="menu">
        <Item icon="smile" onClick={() => show({ kind: 'profile' })}>
          {t('profile')}
        </Item>
        <Item icon="share" onClick={() => show({ kind: 'share' })}>
          {t('shareTitle')}
        </Item>
        <Item icon="key" onClick={() => show({ kind: 'shortcuts' })}>
          {t('shortcuts')}
        </Item>
        {host && (
          <Item icon="edit" onClick={() => show({ kind: 'settings' })}>
            {t('settings')}
          </Item>
        )}
      </ul>
      <h3>{t('looks')}</h3>
      <Looks />
      <Sound />
      <h3>{t('export')}</h3>
      <Exports />
      <ul class="menu menu-end">
        <Item icon="leave" onClick={() => void attempt(actions.leave())}>
          {t('leave')}
        </Item>
        {host && (
          <Item icon="trash" onClick={() => show({ kind: 'delete-session' })}>
            {t('deleteSession')}
          </Item>
        )}
      </ul>
    </Dialog>
  );
}

function Sound() {
  const on = useCell(sound);
  const change = (value: boolean) => {
    switchSound(value);
    if (value) void chime();
  };
  return <Switch label={t('sound')} on={on} onChange={change} />;
}

function Item({ icon, onClick, children }: { icon: IconName; onClick: () => void; children: ComponentChildren }) {
  return (
    <li>
      <button type="button" onClick={onClick}>
        <Icon name={icon} />
        <span>{children}</span>
      </button>
    </li>
  );
}
