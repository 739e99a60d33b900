/** One line of the backlog. */
import { face } from '../decks.ts';
import { attempt } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import type { Story } from '../session/protocol.ts';
import { t } from '../text/text.ts';
import { useTable } from '../room/at-table.ts';

interface Props {
  story: Story;
  index: number;
  onMove: (toIndex: number) => void;
  onGrip: (event: PointerEvent) => void;
}

export function StoryRow({ story, index, onMove, onGrip }: Props) {
  const { room, host, show } = useTable();
  const { title } = story;
  const done = story.completedAt !== undefined && !story.isActive;
  const classes = ['story', story.isActive && 'active', done && 'done'].filter(Boolean).join(' ');
  return (
    <li class={classes} aria-current={story.isActive ? 'step' : undefined}>
      {host && (
        <span class="grip" onPointerDown={onGrip} aria-hidden="true">
          <Icon name="grip" />
        </span>
      )}
      {host ? (
        <button type="button" class="story-title" onClick={() => show({ kind: 'story', storyId: story.id })}>
          <span class="clamp">{title}</span>
          <span class="unseen"> – {t('edit')}</span>
        </button>
      ) : (
        <span class="story-title">
          <span class="clamp">{title}</span>
        </span>
      )}
      {story.finalEstimate && (
        <span class="estimate">
          <span class="unseen">{t('estimate')} </span>
          {face(story.finalEstimate)}
        </span>
      )}
      {host && (
        <span class="story-tools">
          <Move icon="up" label={t('moveUp', { title })} disabled={index === 0} onClick={() => onMove(index - 1)} />
          <Move
            icon="down"
            label={t('moveDown', { title })}
            disabled={index === room.stories.length - 1}
            onClick={() => onMove(index + 1)}
          />
          <Activate story={story} />
        </span>
      )}
    </li>
  );
}

function Move(props: { icon: 'up' | 'down'; label: string; disabled: boolean; onClick: () => void }) {
  // Not `disabled`: a button that reached the end of the list would lose the focus it has.
  return (
    <button
      type="button"
      class="icon-button small"
      aria-label={props.label}
      aria-disabled={props.disabled}
      onClick={() => props.disabled || props.onClick()}
    >
      <Icon name={props.icon} />
    </button>
  );
}

function Activate({ story }: { story: Story }) {
  const { actions } = useTable();
  if (story.isActive) return <span class="now">{t('now')}</span>;
  return (
    <button
      type="button"
      class="icon-button small"
      aria-label={t('activate', { title: story.title })}
      onClick={() => void attempt(actions.activate(story.id))}
    >
      <Icon name="play" />
    </button>
  );
}
