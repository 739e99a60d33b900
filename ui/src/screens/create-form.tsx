/** The form that opens a session. */
import { useState } from 'preact/hooks';
import { customDeck, deckName, DECK_LABELS, DECKS, face, type DeckName } from '../decks.ts';
import { AvatarPicker, randomAvatar } from '../parts/avatar.tsx';
import { attempt } from '../parts/failure.ts';
import { Switch, TextField } from '../parts/fields.tsx';
import { me, rememberMe } from '../preferences.ts';
import { goTo } from '../route.ts';
import { createSession } from '../session/enter.ts';
import { t } from '../text/text.ts';

interface Draft {
  name: string;
  hostName: string;
  hostAvatar: string;
  deck: DeckName;
  custom: string;
  spectators: boolean;
  autoReveal: boolean;
  passcode: string;
}

export function CreateForm() {
  const [draft, setDraft] = useState<Draft>(firstDraft);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const cards = cardsOf(draft);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!cards || busy) return;
    setBusy(true);
    await attempt(create(draft, cards));
    setBusy(false);
  };
  return (
    <form class="stack" onSubmit={submit}>
      <TextField
        label={t('sessionName')}
        value={draft.name}
        onInput={(name) => change({ name })}
        placeholder={t('sessionNameExample')}
        maxLength={100}
        required
        autocomplete="off"
      />
      <TextField
        label={t('yourName')}
        value={draft.hostName}
        onInput={(hostName) => change({ hostName })}
        maxLength={50}
        required
        autocomplete="nickname"
      />
      <DeckPicker deck={draft.deck} custom={draft.custom} onChange={change} />
      <details class="more">
        <summary>{t('moreOptions')}</summary>
        <div class="stack">
          <Switch label={t('spectatorsAllowed')} on={draft.spectators} onChange={(spectators) => change({ spectators })} />
          <Switch
            label={t('autoReveal')}
            hint={t('autoRevealHint')}
            on={draft.autoReveal}
            onChange={(autoReveal) => change({ autoReveal })}
          />
          <TextField
            label={t('passcode')}
            hint={t('passcodeHint')}
            value={draft.passcode}
            onInput={(passcode) => change({ passcode })}
            type="password"
            autocomplete="new-password"
            minLength={4}
            maxLength={50}
          />
          <AvatarPicker value={draft.hostAvatar} onChange={(hostAvatar) => change({ hostAvatar })} />
        </div>
      </details>
      <button class="button primary big" type="submit" disabled={busy || !cards}>
        {t('create')}
      </button>
    </form>
  );
}

interface DeckProps {
  deck: DeckName;
  custom: string;
  onChange: (part: { deck?: DeckName; custom?: string }) => void;
}

export function DeckPicker({ deck, custom, onChange }: DeckProps) {
  const cards = deck === 'custom' ? customDeck(custom) : DECKS[deck];
  return (
    <div class="deck-picker">
      <div class="field">
        <label for="deck-choice">{t('deck')}</label>
        <select
          id="deck-choice"
          value={deck}
          onChange={(event) => onChange({ deck: event.currentTarget.value as DeckName })}
        >
          {(Object.keys(DECK_LABELS) as DeckName[]).map((name) => (
            <option key={name} value={name}>
              {t(DECK_LABELS[name])}
            </option>
          ))}
        </select>
      </div>
      {deck === 'custom' && (
        <TextField
          label={t('customCards')}
          value={custom}
          onInput={(value) => onChange({ custom: value })}
          hint={t('customHint')}
          error={custom && !cards ? t('customWrong') : undefined}
          autocomplete="off"
        />
      )}
      <p class="mini-deck" aria-hidden="true">
        {(cards ?? []).map((card) => (
          <span key={card}>{face(card)}</span>
        ))}
      </p>
    </div>
  );
}

function firstDraft(): Draft {
  return {
    name: '',
    hostName: me.name,
    hostAvatar: me.avatar || randomAvatar(),
    deck: 'fibonacci',
    custom: '',
    spectators: true,
    autoReveal: false,
    passcode: '',
  };
}

export function cardsOf({ deck, custom }: { deck: DeckName; custom: string }): string[] | undefined {
  return deck === 'custom' ? customDeck(custom) : DECKS[deck];
}

export function draftOf(cards: string[]): { deck: DeckName; custom: string } {
  const deck = deckName(cards);
  return { deck, custom: deck === 'custom' ? cards.join(' ') : '' };
}

async function create(draft: Draft, cardValues: string[]): Promise<void> {
  rememberMe(draft.hostName.trim(), draft.hostAvatar);
  const seat = await createSession({
    name: draft.name,
    hostName: draft.hostName,
    hostAvatar: draft.hostAvatar,
    password: draft.passcode || undefined,
    config: { cardValues, allowSpectators: draft.spectators, autoRevealCards: draft.autoReveal },
  });
  goTo(`s/${seat.sessionId}`);
}
