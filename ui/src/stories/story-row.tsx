/** One line of the backlog. */
import { face } from '../decks.ts';
import { Icon } from '../parts/icon.tsx';
import type { Story } from '../session/protocol.ts';
import { t } from '../text/text.ts';

/** Everything a row needs comes from here: a list of hundreds must not be rendered anew with every vote. */
interface Props {
  story: Story;
  index: number;
  last: boolean;
  host: boolean;
  onOpen: () => void;
  onActivate: () => void;
  onMove: (toIndex: number) => void;
  onGrip: (event: PointerEvent) => void;
}

export function StoryRow({ story, index, last, host, onOpen, onActivate, onMove, onGrip }: Props) {
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
        <button type="button" class="story-title" onClick={onOpen}>
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
            disabled={last}
            onClick={() => onMove(index + 1)}
          />
          <Activate story={story} onClick={onActivate} />
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

function Activate({ story, onClick }: { story: Story; onClick: () => void }) {
  if (story.isActive) return <span class="now">{t('now')}</span>;
  return (
    <button
      type="button"
      class="icon-button small"
      aria-label={t('activate', { title: story.title })}
      onClick={onClick}
    >
      <Icon name="play" />
    </button>
  );
}
