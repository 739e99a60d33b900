/** The story on the table. */
import { Icon } from '../parts/icon.tsx';
import { activeStory } from '../session/room.ts';
import { face } from '../decks.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

export function StoryHead() {
  const { room, host, show } = useTable();
  const story = activeStory(room);
  if (!story) return null;
  const place = room.stories.indexOf(story) + 1;
  return (
    <section class="story-head" aria-labelledby="story-title">
      <p class="eyebrow">{t('storyOf', { n: place, total: room.stories.length })}</p>
      <div class="story-line">
        <h2 id="story-title">{story.title}</h2>
        {story.finalEstimate && (
          <span class="estimate" title={t('estimate')}>
            <span class="unseen">{t('estimate')} </span>
            {face(story.finalEstimate)}
          </span>
        )}
        {host && (
          <button
            type="button"
            class="icon-button"
            aria-label={t('editStory')}
            onClick={() => show({ kind: 'story', storyId: story.id })}
          >
            <Icon name="edit" />
          </button>
        )}
      </div>
      {story.description && <p class="story-text">{story.description}</p>}
    </section>
  );
}
