/** Which dialog is open. Those that few people open are loaded when they do. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { wordsFor } from '../parts/failure.ts';
import { notify } from '../parts/notices.tsx';
import { StoryDialog } from '../stories/story-dialog.tsx';
import { useTable, type OpenDialog } from './at-table.ts';
import { Menu } from './menu.tsx';
import { PlayerDialog, ProfileDialog } from './people.tsx';
import { DeleteSession, SettingsDialog } from './settings.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { TimerDialog } from './timer.tsx';

type Closable = { onClose: () => void };

const loadShare = () => import('./share.tsx').then(({ ShareDialog }) => ShareDialog);
const loadImport = () => import('../stories/import-dialog.tsx').then(({ ImportDialog }) => ImportDialog);

export function Dialogs({ open }: { open: OpenDialog | undefined }) {
  const { show } = useTable();
  const close = () => show(undefined);
  switch (open?.kind) {
    case 'share':
      return <Later load={loadShare} onClose={close} />;
    case 'import':
      return <Later load={loadImport} onClose={close} />;
    case 'menu':
      return <Menu onClose={close} />;
    case 'timer':
      return <TimerDialog onClose={close} />;
    case 'shortcuts':
      return <ShortcutsDialog onClose={close} />;
    case 'settings':
      return <SettingsDialog onClose={close} />;
    case 'delete-session':
      return <DeleteSession onClose={close} />;
    case 'profile':
      return <ProfileDialog onClose={close} />;
    case 'player':
      return <PlayerDialog key={open.playerId} playerId={open.playerId} onClose={close} />;
    case 'story':
      return <StoryDialog key={open.storyId} storyId={open.storyId} onClose={close} />;
    default:
      return null;
  }
}

function Later({ load, onClose }: { load: () => Promise<ComponentType<Closable>> } & Closable) {
  const [Loaded, setLoaded] = useState<ComponentType<Closable>>();
  useEffect(() => {
    load().then(
      (component) => setLoaded(() => component),
      (error) => {
        notify(wordsFor(error));
        onClose();
      },
    );
  }, [load]);
  return Loaded ? <Loaded onClose={onClose} /> : null;
}
