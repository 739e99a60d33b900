/** All stories of the session, in their order; for the host a place to arrange them. */
import { useMemo, useRef, useState } from 'preact/hooks';
import { attempt } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { announce } from '../parts/notices.tsx';
import { language } from '../preferences.ts';
import type { Story } from '../session/protocol.ts';
import { number, t } from '../text/text.ts';
import { useTable } from '../room/at-table.ts';
import { useDrag } from './drag.ts';
import { StoryRow } from './story-row.tsx';

export function Backlog() {
  const { room, host, show } = useTable();
  return (
    <div class="backlog">
      <header class="side-head">
        <div>
          <h2>{t('backlogTitle')}</h2>
          <p class="note">{totals(room.stories)}</p>
        </div>
        {host && (
          <button type="button" class="button small" onClick={() => show({ kind: 'import' })}>
            <Icon name="upload" />
            {t('import')}
          </button>
        )}
      </header>
      {host && <AddStory />}
      <StoryList />
    </div>
  );
}

function StoryList() {
  const { room, host, actions, show } = useTable();
  const { stories } = room;
  const list = useRef<HTMLOListElement>(null);
  const move = async (story: Story | undefined, toIndex: number) => {
    if (!story || toIndex < 0 || toIndex >= stories.length) return;
    const moved = await attempt(actions.moveStory(story.id, toIndex));
    if (moved) announce(t('saidMoved', { title: story.title, n: toIndex + 1 }));
  };
  const drag = useDrag(list, (from, to) => void move(stories[from], to));
  const row = (story: Story, index: number) => (
    <StoryRow
      key={story.id}
      story={story}
      index={index}
      last={index === stories.length - 1}
      host={host}
      onOpen={() => show({ kind: 'story', storyId: story.id })}
      onActivate={() => void attempt(actions.activate(story.id))}
      onMove={(toIndex) => void move(story, toIndex)}
      onGrip={(event) => drag(event, index)}
    />
  );
  const rows = useMemo(() => stories.map(row), [stories, host, language.value]);
  if (stories.length === 0) return <p class="empty-list">{t(host ? 'backlogEmptyHost' : 'backlogEmpty')}</p>;
  return (
    <ol class="stories" ref={list}>
      {rows}
    </ol>
  );
}

function AddStory() {
  const { actions } = useTable();
  const [title, setTitle] = useState('');
  const last = useRef(Promise.resolve(true));
  // Whoever types fast has the next title ready before the server has answered: it is neither refused nor wiped out.
  const submit = async (event: Event) => {
    event.preventDefault();
    const wanted = title.trim();
    if (wanted === '') return;
    setTitle('');
    last.current = last.current.then(() => attempt(actions.addStories([{ title: wanted }])));
    if (!(await last.current)) setTitle((typed) => typed || wanted);
  };
  return (
    <form class="add-story" onSubmit={submit}>
      <label class="unseen" for="add-story">
        {t('storyTitle')}
      </label>
      <input
        id="add-story"
        value={title}
        maxLength={255}
        placeholder={t('addStoryPlaceholder')}
        autocomplete="off"
        onInput={(event) => setTitle(event.currentTarget.value)}
      />
      <button type="submit" class="button" aria-label={t('addStory')}>
        <Icon name="plus" />
      </button>
    </form>
  );
}

function totals(stories: Story[]): string {
  const estimated = stories.filter(({ finalEstimate }) => finalEstimate);
  const sum = estimated.map(({ finalEstimate }) => Number(finalEstimate)).filter(Number.isFinite);
  const points = sum.reduce((total, value) => total + value, 0);
  const counted = t('totals', { n: stories.length, done: estimated.length });
  return points > 0 ? `${counted} · ${t('totalPoints', { n: Number(points.toFixed(2)), shown: number(points) })}` : counted;
}
