import { render } from 'preact';
import { App } from './app.tsx';
import { applyPreferences } from './preferences.ts';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/dialog.css';
import './style/screens.css';
import './style/room.css';
import './style/table.css';
import './style/deck.css';
import './style/results.css';
import './style/side.css';

applyPreferences();
render(<App />, document.getElementById('app')!);
