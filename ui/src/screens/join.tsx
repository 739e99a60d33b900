/** The door of a session: who comes, and with which face. */
import { useEffect, useState } from 'preact/hooks';
import { Avatar, AvatarPicker, randomAvatar } from '../parts/avatar.tsx';
import { wordsFor } from '../parts/failure.ts';
import { Switch, TextField } from '../parts/fields.tsx';
import { me, rememberMe } from '../preferences.ts';
import { joinSession, lookUp } from '../session/enter.ts';
import type { Session } from '../session/protocol.ts';
import { Refusal } from '../session/rest.ts';
import type { Seat } from '../session/seats.ts';
import { t } from '../text/text.ts';
import { NotFound } from './closed.tsx';
import { Headline, Shell } from './shell.tsx';

const AGAIN_AFTER_MS = 1_500;

interface Props {
  sessionId: string;
  notice?: string;
  onSeated: (seat: Seat) => void;
}

export function Join({ sessionId, notice, onSeated }: Props) {
  const info = useSessionInfo(sessionId);
  if (info === 'missing') return <NotFound />;
  return (
    <Shell title={info?.name ?? t('joinTitle')}>
      <section class="panel door" aria-busy={!info}>
        {info ? (
          <>
            <p class="eyebrow">{t('joinTitle')}</p>
            <Headline>{info.name}</Headline>
            {notice && <p class="callout">{notice}</p>}
            <WhoIsThere info={info} />
            <JoinForm info={info} onSeated={onSeated} />
          </>
        ) : (
          <Headline>{t('connecting')}</Headline>
        )}
      </section>
    </Shell>
  );
}

/** Asks until somebody answers: the server may be about to start. */
function useSessionInfo(sessionId: string): Session | 'missing' | undefined {
  const [info, setInfo] = useState<Session | 'missing'>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const ask = () =>
      lookUp(sessionId).then(setInfo, (error) => {
        if (error instanceof Refusal) setInfo('missing');
        else timer = setTimeout(ask, AGAIN_AFTER_MS);
      });
    void ask();
    return () => clearTimeout(timer);
  }, [sessionId]);
  return info;
}

function WhoIsThere({ info }: { info: Session }) {
  const shown = info.players.slice(0, 8);
  if (shown.length === 0) return null;
  return (
    <p class="who">
      <span class="who-faces">
        {shown.map((player) => (
          <Avatar key={player.id} avatar={player.avatar} name={player.name} />
        ))}
      </span>
      <span>{t('alreadyThere', { n: info.players.length })}</span>
    </p>
  );
}

function JoinForm({ info, onSeated }: { info: Session; onSeated: (seat: Seat) => void }) {
  const [name, setName] = useState(me.name);
  const [avatar, setAvatar] = useState(() => me.avatar || randomAvatar());
  const [watching, setWatching] = useState(false);
  const [passcode, setPasscode] = useState('');
  const [locked, setLocked] = useState(info.hasPassword ?? false);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    rememberMe(name.trim(), avatar);
    try {
      const request = { playerName: name, avatar, asSpectator: watching, password: passcode || undefined };
      onSeated(await joinSession(info, request));
    } catch (error) {
      // A server that does not tell beforehand asks now.
      if (error instanceof Refusal && /password/i.test(error.reason)) setLocked(true);
      setProblem(wordsFor(error));
      setBusy(false);
    }
  };
  return (
    <form class="stack" onSubmit={submit}>
      <TextField label={t('yourName')} value={name} onInput={setName} maxLength={50} required autocomplete="nickname" />
      {locked && (
        <TextField
          label={t('passcode')}
          value={passcode}
          onInput={setPasscode}
          type="password"
          autocomplete="current-password"
          required
          minLength={4}
        />
      )}
      <AvatarPicker value={avatar} onChange={setAvatar} />
      {info.config.allowSpectators && <Switch label={t('joinWatching')} on={watching} onChange={setWatching} />}
      <p class="note error" role="alert">
        {problem}
      </p>
      <button class="button primary big" type="submit" disabled={busy}>
        {t('takeSeat')}
      </button>
    </form>
  );
}
