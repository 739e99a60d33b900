/** Between stories: what the host can do next, and what the others wait for. */
import { useState } from 'preact/hooks';
import { attempt } from '../parts/failure.ts';
import { TextField } from '../parts/fields.tsx';
import { nextStory } from '../session/room.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

export function NoStory() {
  const { room, host } = useTable();
  const next = nextStory(room);
  const done = room.stories.length > 0 && !next;
  return (
    <section class="panel no-story" aria-labelledby="no-story-title">
      <h2 id="no-story-title">{done ? t('allDone') : t(host ? 'noStoryTitle' : 'waitTitle')}</h2>
      {host ? <Begin /> : <p class="lead">{t('waitForHost')}</p>}
    </section>
  );
}

function Begin() {
  const { room, actions, show } = useTable();
  const [title, setTitle] = useState('');
  const [busy, setBusy] = useState(false);
  const next = nextStory(room);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const fallback = t('untitled', { n: room.stories.length + 1 });
    if (await attempt(actions.startStory({ title: title.trim() || fallback }))) setTitle('');
    setBusy(false);
  };
  return (
    <>
      {next && (
        <button type="button" class="button primary" onClick={() => void attempt(actions.activate(next.id))}>
          {t('startNext', { title: next.title })}
        </button>
      )}
      <form class="begin" onSubmit={submit}>
        <TextField label={t('storyTitle')} value={title} onInput={setTitle} maxLength={255} autocomplete="off" placeholder={t('storyExample')} />
        <button type="submit" class={next ? 'button' : 'button primary'} disabled={busy}>
          {t('startVoting')}
        </button>
      </form>
      <p class="note">
        {t('orImport')}{' '}
        <button type="button" class="link" onClick={() => show({ kind: 'import' })}>
          {t('importStories')}
        </button>
      </p>
    </>
  );
}
