import { useCell } from './cell.ts';
import { Notices, Speech } from './parts/notices.tsx';
import { language } from './preferences.ts';
import { route } from './route.ts';
import { NotFound } from './screens/closed.tsx';
import { SessionScreen } from './screens/session.tsx';
import { Start } from './screens/start.tsx';

export function App() {
  // Everything below is rendered anew in another language.
  useCell(language);
  return (
    <>
      <Screen />
      <Notices place="page" />
      <Speech />
    </>
  );
}

function Screen() {
  const here = useCell(route);
  if (here.page === 'start') return <Start />;
  if (here.page === 'unknown') return <NotFound />;
  return <SessionScreen key={here.sessionId} sessionId={here.sessionId} />;
}
