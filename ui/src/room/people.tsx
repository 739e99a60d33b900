/** One's own face and name, and what the host can do about others. */
import { useState } from 'preact/hooks';
import { Avatar, AvatarPicker } from '../parts/avatar.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { attempt } from '../parts/failure.ts';
import { Switch, TextField } from '../parts/fields.tsx';
import { rememberMe } from '../preferences.ts';
import { self } from '../session/room.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

export function ProfileDialog({ onClose }: { onClose: () => void }) {
  const { room, actions } = useTable();
  const me = self(room);
  const [name, setName] = useState(me?.name ?? '');
  const [avatar, setAvatar] = useState(me?.avatar ?? '');
  const [watching, setWatching] = useState(me?.isSpectator ?? false);
  if (!me) return null;
  const mayWatch = me.isSpectator || room.config.allowSpectators;
  const submit = async (event: Event) => {
    event.preventDefault();
    const change = {
      name: name.trim() === me.name ? undefined : name,
      avatar: avatar === me.avatar ? undefined : avatar,
      isSpectator: watching === me.isSpectator ? undefined : watching,
    };
    const changed = Object.values(change).some((value) => value !== undefined);
    if (changed && !(await attempt(actions.changeSelf(change)))) return;
    rememberMe(name.trim(), avatar);
    onClose();
  };
  return (
    <Dialog title={t('profile')} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <TextField label={t('yourName')} value={name} onInput={setName} maxLength={50} required autocomplete="nickname" autofocus />
        <AvatarPicker value={avatar} onChange={setAvatar} />
        {mayWatch && <Switch label={t('joinWatching')} on={watching} onChange={setWatching} />}
        <div class="row end">
          <button type="submit" class="button primary">
            {t('save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function PlayerDialog({ playerId, onClose }: { playerId: string; onClose: () => void }) {
  const { room, actions, host } = useTable();
  const player = room.players.find(({ id }) => id === playerId);
  const act = async (action: Promise<unknown>) => {
    if (await attempt(action)) onClose();
  };
  return (
    <Dialog title={player?.name ?? t('gone')} onClose={onClose}>
      {player && (
        <p class="player-face">
          <Avatar avatar={player.avatar} name={player.name} />
          <span>{player.isOnline === false ? t('away') : t('here')}</span>
        </p>
      )}
      {player && host && (
        <div class="row">
          <button type="button" class="button" onClick={() => void act(actions.promote(playerId))}>
            {t('makeHost')}
          </button>
          <button type="button" class="button danger" onClick={() => void act(actions.removePlayer(playerId))}>
            {t('remove')}
          </button>
        </div>
      )}
    </Dialog>
  );
}
