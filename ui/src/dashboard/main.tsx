import { render } from 'preact';
import { applyPreferences } from '../preferences.ts';
import { Dashboard } from './dashboard.tsx';
import { watch } from './server.ts';
import '../style/tokens.css';
import '../style/base.css';
import '../style/controls.css';
import '../style/fields.css';
import '../style/dialog.css';
import './dashboard.css';

applyPreferences();
render(<Dashboard />, document.getElementById('app')!);
void watch();
