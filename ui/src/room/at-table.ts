/** What every part of the room needs: the seat, the state, and the way to act. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Actions } from '../session/actions.ts';
import type { Live } from '../session/live.ts';
import type { Room } from '../session/room.ts';

export type OpenDialog =
  | { kind: 'share' | 'menu' | 'timer' | 'shortcuts' | 'settings' | 'profile' | 'import' | 'delete-session' }
  | { kind: 'player'; playerId: string }
  | { kind: 'story'; storyId: string };

export interface AtTable {
  live: Live;
  actions: Actions;
  room: Room;
  host: boolean;
  /** Whether open cards may be seen yet: not while the countdown runs. */
  shown: boolean;
  show: (dialog: OpenDialog | undefined) => void;
}

export const Table = createContext<AtTable | undefined>(undefined);

export function useTable(): AtTable {
  const table = useContext(Table);
  if (!table) throw new Error('this part belongs into a room');
  return table;
}
