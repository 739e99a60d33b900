/** What the team makes of the round: an estimate, another round, the next story. */
import { face } from '../decks.ts';
import { attempt } from '../parts/failure.ts';
import { Choice } from '../parts/fields.tsx';
import { Icon } from '../parts/icon.tsx';
import { isEstimate } from '../session/count.ts';
import type { Story } from '../session/protocol.ts';
import { activeStory, nextStory, type Revealed } from '../session/room.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

export function Decision({ revealed }: { revealed: Revealed }) {
  const { host } = useTable();
  return <div class="decision">{host ? <HostDecision revealed={revealed} /> : <TeamDecision />}</div>;
}

function TeamDecision() {
  const { room } = useTable();
  const estimate = activeStory(room)?.finalEstimate;
  return <p class="decided">{estimate ? t('estimateIs', { card: face(estimate) }) : t('hostDecides')}</p>;
}

function HostDecision({ revealed }: { revealed: Revealed }) {
  const { room, actions } = useTable();
  const story = activeStory(room);
  if (!story) return null;
  const estimates = [...new Set(room.config.cardValues)].filter(isEstimate);
  const saved = story.finalEstimate;
  const options = saved && !estimates.includes(saved) ? [...estimates, saved] : estimates;
  const suggested = revealed.consensus.suggestedValue;
  return (
    <>
      <Choice
        legend={t('setEstimate')}
        shape="chips"
        value={saved}
        options={options.map((value) => ({
          value,
          name: value === suggested ? t('suggestedCard', { card: face(value) }) : face(value),
          label: <span class={value === suggested ? 'suggested' : undefined}>{face(value)}</span>,
        }))}
        onChange={(value) => void attempt(actions.estimate(story.id, value, true))}
      />
      <NextButton story={story} />
    </>
  );
}

function NextButton({ story }: { story: Story }) {
  const { room, actions } = useTable();
  const next = nextStory(room);
  if (!next && !story.finalEstimate) return null;
  return (
    <button type="button" class="button primary next" onClick={() => void attempt(actions.advance(story, next))}>
      <span>{next ? t('nextStory', { title: next.title }) : t('finish')}</span>
      <Icon name="next" />
    </button>
  );
}
