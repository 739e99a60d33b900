/** Many stories at once, with a look at them before they are added. */
import { useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { attempt } from '../parts/failure.ts';
import { TextField } from '../parts/fields.tsx';
import { notify } from '../parts/notices.tsx';
import { t } from '../text/text.ts';
import { useTable } from '../room/at-table.ts';
import { storiesIn, type Parsed } from './parse.ts';

const PREVIEWED = 6;

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { actions } = useTable();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const parsed = storiesIn(text);
  const count = parsed.stories.length;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const added = await attempt(actions.addStories(parsed.stories));
    setBusy(false);
    if (!added) return;
    notify(t('imported', { n: count }));
    onClose();
  };
  return (
    <Dialog title={t('importStories')} onClose={onClose} shape="wide">
      <form class="stack" onSubmit={submit}>
        <TextField label={t('importText')} hint={t('importHint')} value={text} onInput={setText} lines={7} autofocus />
        <FileField onText={setText} />
        <Preview parsed={parsed} />
        <div class="row end">
          <button type="submit" class="button primary" disabled={count === 0 || busy}>
            {t('addCount', { n: count })}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function FileField({ onText }: { onText: (text: string) => void }) {
  return (
    <div class="field">
      <label for="import-file">{t('importFile')}</label>
      <input
        id="import-file"
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/plain"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) void file.text().then(onText);
        }}
      />
    </div>
  );
}

function Preview({ parsed: { kind, stories } }: { parsed: Parsed }) {
  if (stories.length === 0) return null;
  const more = stories.length - PREVIEWED;
  return (
    <div class="preview" aria-live="polite">
      <p class="note">{t(kind === 'table' ? 'previewTable' : 'previewLines', { n: stories.length })}</p>
      <ol>
        {stories.slice(0, PREVIEWED).map((story, index) => (
          <li key={index}>
            {story.title}
            {story.description && <small>{story.description}</small>}
          </li>
        ))}
      </ol>
      {more > 0 && <p class="note">{t('andMore', { n: more })}</p>}
    </div>
  );
}
