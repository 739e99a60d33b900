/** What the host can change about the session, and its end. */
import { useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { attempt } from '../parts/failure.ts';
import { Switch, TextField } from '../parts/fields.tsx';
import { cardsOf, DeckPicker, draftOf } from '../screens/create-form.tsx';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { live, actions, room } = useTable();
  const now = room.config;
  const [name, setName] = useState(live.info.value?.name ?? live.seat.sessionName);
  const [deck, setDeck] = useState(() => draftOf(now.cardValues));
  const [spectators, setSpectators] = useState(now.allowSpectators);
  const [autoReveal, setAutoReveal] = useState(now.autoRevealCards);
  const cards = cardsOf(deck);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!cards) return;
    const config = { cardValues: cards, allowSpectators: spectators, autoRevealCards: autoReveal };
    if (await attempt(actions.changeSession({ name, config }))) onClose();
  };
  return (
    <Dialog title={t('settings')} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <TextField label={t('sessionName')} value={name} onInput={setName} maxLength={100} required autofocus />
        <DeckPicker {...deck} onChange={(part) => setDeck({ ...deck, ...part })} />
        <Switch label={t('spectatorsAllowed')} on={spectators} onChange={setSpectators} />
        <Switch label={t('autoReveal')} hint={t('autoRevealHint')} on={autoReveal} onChange={setAutoReveal} />
        <div class="row end">
          <button type="submit" class="button primary" disabled={!cards}>
            {t('save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function DeleteSession({ onClose }: { onClose: () => void }) {
  const { actions } = useTable();
  const remove = async () => {
    if (await attempt(actions.deleteSession())) onClose();
  };
  return (
    <Dialog title={t('deleteSession')} onClose={onClose}>
      <p>{t('deleteSessionSure')}</p>
      <div class="row end">
        <button type="button" class="button" data-autofocus onClick={onClose}>
          {t('cancel')}
        </button>
        <button type="button" class="button danger" onClick={() => void remove()}>
          {t('deleteForGood')}
        </button>
      </div>
    </Dialog>
  );
}
