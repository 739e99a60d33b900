/** Stories out of whatever was pasted: a list of lines, a spreadsheet, an export of Jira. */
import type { NewStory } from '../session/protocol.ts';
import { rowsOf } from './csv.ts';

const LONGEST_TITLE = 255;
const LONGEST_DESCRIPTION = 1_000;

/** What columns are called, in English and German exports. */
const TITLES = ['summary', 'title', 'story', 'name', 'zusammenfassung', 'titel'];
const KEYS = ['issue key', 'key', 'vorgangsschlüssel', 'schlüssel'];
const DESCRIPTIONS = ['description', 'beschreibung', 'details'];

export type Kind = 'lines' | 'table';

export interface Parsed {
  kind: Kind;
  stories: NewStory[];
}

export function storiesIn(text: string): Parsed {
  const rows = rowsOf(text);
  const columns = columnsOf(rows[0] ?? []);
  if (columns) return { kind: 'table', stories: rows.slice(1).map((row) => fromRow(row, columns)).filter(hasTitle) };
  return { kind: 'lines', stories: text.split(/\r?\n/).map(fromLine).filter(hasTitle) };
}

interface Columns {
  title: number;
  key: number;
  description: number;
}

/** A table says so in its first row, by a column with a name we know. */
function columnsOf(head: string[]): Columns | undefined {
  const names = head.map((name) => name.trim().toLowerCase());
  const find = (known: string[]) => names.findIndex((name) => known.includes(name));
  const title = find(TITLES);
  return title < 0 ? undefined : { title, key: find(KEYS), description: find(DESCRIPTIONS) };
}

function fromRow(row: string[], { title, key, description }: Columns): NewStory {
  const parts = [row[key] ?? '', row[title] ?? ''].map((part) => part.trim()).filter(Boolean);
  return story(parts.join(' '), row[description]?.trim());
}

/** Without the bullets and numbers that lists are written with. */
function fromLine(line: string): NewStory {
  return story(line.trim().replace(/^(?:[-*•–]|\d{1,3}[.)]|\[[ x]?\])\s+/i, ''));
}

function story(title: string, description?: string): NewStory {
  const cut = title.replace(/\s+/g, ' ').slice(0, LONGEST_TITLE);
  return description ? { title: cut, description: description.slice(0, LONGEST_DESCRIPTION) } : { title: cut };
}

function hasTitle({ title }: NewStory): boolean {
  return title !== '';
}
