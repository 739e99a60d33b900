/** Turns what went wrong into words for the reader. */
import { Refusal, Unreachable } from '../session/rest.ts';
import { t, type Key } from '../text/text.ts';
import { notify } from './notices.tsx';

/** The server's English texts a person may run into, and what to say instead. */
const WORDS: Record<string, Key> = {
  'Password required': 'passcodeNeeded',
  'Invalid password': 'passcodeWrong',
  'Session is full': 'sessionFull',
  'Spectators are not allowed in this session': 'noSpectators',
  'Cannot delete story that has votes': 'storyHasVotes',
  'Too many stories in this session': 'tooManyStories',
  'Invalid or completed story': 'voteTooLate',
  'Voting closed - cards already revealed': 'voteTooLate',
  'Spectators cannot vote': 'spectatorVote',
  'No votes to reveal': 'nothingToReveal',
  'Host authorization required': 'hostOnly',
  'Password must be at least 4 characters': 'passcodeShort',
  'Resource not found': 'notOffered',
  'Unknown event': 'notOffered',
};

export function wordsFor(error: unknown): string {
  if (error instanceof Unreachable) return t('unreachable');
  if (!(error instanceof Refusal)) return t('failed');
  if (error.status === 429) return t('tooFast');
  const key = WORDS[error.reason];
  return key ? t(key) : t('refused', { reason: error.reason || String(error.status) });
}

/** Runs an action and tells when it fails. Answers whether it worked. */
export async function attempt(action: Promise<unknown>): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    notify(wordsFor(error));
    return false;
  }
}
