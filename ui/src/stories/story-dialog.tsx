/** A story in full: its words, its estimate, its end. */
import { useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { attempt } from '../parts/failure.ts';
import { TextField } from '../parts/fields.tsx';
import type { Story } from '../session/protocol.ts';
import { t } from '../text/text.ts';
import { useTable } from '../room/at-table.ts';

export function StoryDialog({ storyId, onClose }: { storyId: string; onClose: () => void }) {
  const { room } = useTable();
  const story = room.stories.find(({ id }) => id === storyId);
  return (
    <Dialog title={t('editStory')} onClose={onClose}>
      {story ? <StoryForm story={story} onClose={onClose} /> : <p>{t('storyGone')}</p>}
    </Dialog>
  );
}

function StoryForm({ story, onClose }: { story: Story; onClose: () => void }) {
  const { actions } = useTable();
  const [title, setTitle] = useState(story.title);
  const [description, setDescription] = useState(story.description ?? '');
  const [estimate, setEstimate] = useState(story.finalEstimate ?? '');
  const save = async () => {
    if (title !== story.title || description !== (story.description ?? '')) {
      await actions.editStory(story.id, { title: title.trim(), description });
    }
    if (estimate !== (story.finalEstimate ?? '')) await actions.estimate(story.id, estimate.trim(), story.isActive);
  };
  const act = async (action: Promise<unknown>) => {
    if (await attempt(action)) onClose();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void act(save());
  };
  return (
    <form class="stack" onSubmit={submit}>
      <TextField label={t('storyTitle')} value={title} onInput={setTitle} maxLength={255} required autofocus autocomplete="off" />
      <TextField label={t('description')} value={description} onInput={setDescription} maxLength={1000} lines={5} />
      <TextField label={t('estimate')} value={estimate} onInput={setEstimate} maxLength={10} autocomplete="off" />
      <div class="row spread">
        <button type="button" class="button danger" onClick={() => void act(actions.deleteStory(story.id))}>
          {t('delete')}
        </button>
        <span class="row">
          {!story.isActive && (
            <button type="button" class="button" onClick={() => void act(actions.activate(story.id))}>
              {t('estimateNow')}
            </button>
          )}
          <button type="submit" class="button primary">
            {t('save')}
          </button>
        </span>
      </div>
    </form>
  );
}
