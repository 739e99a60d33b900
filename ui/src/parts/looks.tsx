/** Language and colours, small enough for a corner. */
import { useCell } from '../cell.ts';
import { chooseLanguage, chooseTheme, language, theme, type Language, type Theme } from '../preferences.ts';
import { LANGUAGES, LOOKS } from '../text/looks.ts';

export function Looks() {
  const spoken = useCell(language);
  const chosen = useCell(theme);
  const words = LOOKS[spoken];
  return (
    <div class="looks">
      <select aria-label={words.language} value={spoken} onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}>
        <Options of={LANGUAGES} />
      </select>
      <select aria-label={words.theme} value={chosen} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
        <Options of={words.colours} />
      </select>
    </div>
  );
}

function Options({ of }: { of: Record<string, string> }) {
  return (
    <>
      {Object.entries(of).map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </>
  );
}
