/** The first page: open a session, join one, or go back to one. */
import { useState } from 'preact/hooks';
import { goTo, sessionIdIn } from '../route.ts';
import { heldSeats } from '../session/seats.ts';
import { TextField } from '../parts/fields.tsx';
import { Icon } from '../parts/icon.tsx';
import { sessionLink } from '../base.ts';
import { clock, t } from '../text/text.ts';
import { CreateForm } from './create-form.tsx';
import { Shell } from './shell.tsx';

export function Start() {
  return (
    <Shell title="Roundtable">
      <div class="start">
        <section class="start-intro">
          <h1>{t('startTitle')}</h1>
          <p class="lead">{t('startLead')}</p>
          <JoinByCode />
          <HeldSeats />
        </section>
        <section class="panel start-create" aria-labelledby="create-title">
          <h2 id="create-title">{t('createTitle')}</h2>
          <CreateForm />
        </section>
      </div>
    </Shell>
  );
}

function JoinByCode() {
  const [code, setCode] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    const sessionId = sessionIdIn(code);
    if (sessionId) goTo(`s/${sessionId}`);
    else setWrong(true);
  };
  return (
    <form class="join-code" onSubmit={submit} noValidate>
      <h2>{t('joinTitle')}</h2>
      <div class="join-code-row">
        <TextField
          label={t('codeLabel')}
          value={code}
          error={wrong ? t('codeWrong') : undefined}
          autocomplete="off"
          onInput={(value) => {
            setCode(value);
            setWrong(false);
          }}
        />
        <button class="button" type="submit">
          {t('join')}
        </button>
      </div>
    </form>
  );
}

function HeldSeats() {
  const seats = heldSeats(Date.now()).slice(0, 4);
  if (seats.length === 0) return null;
  return (
    <nav class="held" aria-labelledby="held-title">
      <h2 id="held-title">{t('heldTitle')}</h2>
      <ul>
        {seats.map((seat) => (
          <li key={seat.sessionId}>
            <a
              href={sessionLink(seat.sessionId)}
              onClick={(event) => {
                event.preventDefault();
                goTo(`s/${seat.sessionId}`);
              }}
            >
              <span>{seat.sessionName}</span>
              <small>{t('since', { time: clock(new Date(seat.takenAt).toISOString()) })}</small>
              <Icon name="next" />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
