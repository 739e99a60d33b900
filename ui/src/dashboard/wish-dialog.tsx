/** Asks whether it is meant, and for the operator's token as long as there is none. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { TextField } from '../parts/fields.tsx';
import { token, wish, type Outcome, type Wish } from './server.ts';
import { w } from './words.ts';

interface Props {
  wished: Wish;
  onDone: (said: string) => void;
  onClose: () => void;
}

export function WishDialog({ wished, onDone, onClose }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const [player, setPlayer] = useState('');
  const [typed, setTyped] = useState('');
  const [known, setKnown] = useState(token.value !== '');
  const [outcome, setOutcome] = useState<Outcome>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => ref.current?.showModal(), []);
  const isClose = wished.kind === 'close';

  async function submit(event: Event) {
    event.preventDefault();
    if (isBusy) return;
    if (!known) token.set(typed.trim());
    setBusy(true);
    const answer = await wish(isClose ? wished : { ...wished, kind: 'kick', player: player.trim() });
    setBusy(false);
    setKnown(token.value !== '');
    if (answer !== 'done') return setOutcome(answer);
    onDone(isClose ? w('closed', { id: wished.session }) : w('kicked'));
    ref.current?.close();
  }

  return (
    <dialog ref={ref} class="dialog" aria-labelledby="wish" onClose={onClose}>
      <form class="dialog-body" onSubmit={submit}>
        <h2 id="wish">{w(isClose ? 'closeTitle' : 'kickTitle')}</h2>
        <p><code>{wished.session}</code></p>
        <p>{w(isClose ? 'closeSure' : 'kickSure')}</p>
        {!isClose && <TextField label={w('playerId')} value={player} onInput={setPlayer} required autocomplete="off" />}
        {!known && (
          <TextField
            label={w('token')}
            type="password"
            value={typed}
            onInput={setTyped}
            hint={w('tokenHint')}
            required
            autocomplete="off"
          />
        )}
        <p class="note error" role="alert">{outcome && outcome !== 'done' ? w(outcome) : ''}</p>
        <div class="row end">
          <button type="button" class="button" onClick={() => ref.current?.close()}>{w('cancel')}</button>
          <button type="submit" class="button danger" disabled={isBusy}>{w(isClose ? 'close' : 'kick')}</button>
        </div>
      </form>
    </dialog>
  );
}
