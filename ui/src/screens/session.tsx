/** A session from the outside in: the door, the room, and what comes after. */
import { useEffect, useState } from 'preact/hooks';
import { useCell } from '../cell.ts';
import { notify } from '../parts/notices.tsx';
import { goTo } from '../route.ts';
import { RoomScreen } from '../room/room-screen.tsx';
import { Live } from '../session/live.ts';
import { leaveSeat, seatIn, type Seat } from '../session/seats.ts';
import { t } from '../text/text.ts';
import { Closed } from './closed.tsx';
import { Join } from './join.tsx';

export function SessionScreen({ sessionId }: { sessionId: string }) {
  const [seat, setSeat] = useState<Seat | undefined>(() => seatIn(sessionId));
  const [notice, setNotice] = useState<string>();
  const stand = (why?: string) => {
    leaveSeat(sessionId);
    setNotice(why);
    setSeat(undefined);
  };
  if (!seat) return <Join sessionId={sessionId} notice={notice} onSeated={setSeat} />;
  return <Seated key={seat.token} seat={seat} onStand={stand} />;
}

function Seated({ seat, onStand }: { seat: Seat; onStand: (why?: string) => void }) {
  const [live] = useState(() => new Live(seat));
  useEffect(() => () => live.close(), [live]);
  const closing = useCell(live.closing);
  useEffect(() => {
    if (closing === 'unseated') onStand(t('seatLost'));
    if (closing !== 'left') return;
    notify(t('leftTitle'));
    goTo('', 'replace');
  }, [closing]);
  if (closing === undefined) return <RoomScreen live={live} />;
  if (closing === 'unseated' || closing === 'left') return null;
  const mayReturn = closing === 'removed';
  return <Closed closing={closing} onReturn={mayReturn ? () => onStand() : undefined} />;
}
