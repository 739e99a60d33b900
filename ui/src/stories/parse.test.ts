import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOf } from './csv.ts';
import { storiesIn } from './parse.ts';

const titles = (text: string) => storiesIn(text).stories.map(({ title }) => title);

test('each line is a story, without its bullet', () => {
  assert.deepEqual(titles('- Login\r\n* Logout\n\n3. Reset password\n  [x] Done one \n• 2 factors'), [
    'Login', 'Logout', 'Reset password', 'Done one', '2 factors',
  ]);
});

test('commas in a line are only commas', () => {
  assert.deepEqual(titles('Pay by card, or by invoice\nRefund, partly'), ['Pay by card, or by invoice', 'Refund, partly']);
});

test('a table is known by its head, whatever the separator', () => {
  const expected = { kind: 'table', stories: [{ title: 'Login', description: 'with mail' }, { title: 'Logout' }] };
  assert.deepEqual(storiesIn('Title,Description\nLogin,with mail\nLogout,'), expected);
  assert.deepEqual(storiesIn('\uFEFFTitel;Beschreibung\r\nLogin;with mail\r\nLogout;\r\n'), expected);
  assert.deepEqual(storiesIn('title\tdetails\nLogin\twith mail\nLogout\t'), expected);
});

test('an export of Jira gives key, summary and description', () => {
  const text = 'Summary,Issue key,Issue id,Status,Description\n"Pay, by card",SHOP-7,100,Open,"First\nSecond ""quoted"""\n';
  assert.deepEqual(storiesIn(text).stories, [{ title: 'SHOP-7 Pay, by card', description: 'First\nSecond "quoted"' }]);
});

test('a German export of Jira does, too', () => {
  assert.deepEqual(titles('Zusammenfassung;Vorgangsschlüssel\nBezahlen;SHOP-7'), ['SHOP-7 Bezahlen']);
});

test('texts are cut to what the server takes', () => {
  const [story] = storiesIn(`Title,Description\n${'a'.repeat(300)},${'b'.repeat(1200)}`).stories;
  assert.equal(story?.title.length, 255);
  assert.equal(story?.description?.length, 1000);
});

test('rows without a title are left out, and nothing is nothing', () => {
  assert.deepEqual(titles('Title,Description\n,orphan\nLogin,'), ['Login']);
  assert.deepEqual(titles(' \n '), []);
});

test('a quote that nobody closes loses nothing', () => {
  assert.deepEqual(rowsOf('a,"b\nc'), [['a', 'b\nc']]);
});

test('quotes, empty cells and the last line without an end are read', () => {
  assert.deepEqual(rowsOf('a,,"x ""y"""\n,b,c'), [['a', '', 'x "y"'], ['', 'b', 'c']]);
});
