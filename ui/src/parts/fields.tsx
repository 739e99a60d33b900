/** Form controls with their labels. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface TextProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
  error?: string;
  required?: boolean;
  maxLength?: number;
  minLength?: number;
  placeholder?: string;
  type?: 'text' | 'password';
  autocomplete?: string;
  lines?: number;
  autofocus?: boolean;
}

export function TextField({ label, value, onInput, hint, error, lines, type = 'text', autofocus, ...rest }: TextProps) {
  const id = useId();
  const note = error ?? hint;
  const shared = {
    id,
    value,
    ...rest,
    'data-autofocus': autofocus || undefined,
    'aria-describedby': note ? `${id}-note` : undefined,
    'aria-invalid': error ? true : undefined,
    onInput: (event: Event) => onInput((event.currentTarget as HTMLInputElement).value),
  } as const;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {lines ? (
        <textarea rows={lines} {...shared} />
      ) : type === 'password' ? (
        <input type="password" {...shared} />
      ) : (
        <input type="text" {...shared} />
      )}
      {note && (
        <p id={`${id}-note`} class={error ? 'note error' : 'note'}>
          {note}
        </p>
      )}
    </div>
  );
}

export function Switch(props: { label: string; on: boolean; onChange: (on: boolean) => void; hint?: string }) {
  const id = useId();
  return (
    <div class="switch">
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={props.on}
        aria-describedby={props.hint ? `${id}-note` : undefined}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      {props.hint && (
        <p id={`${id}-note`} class="note">
          {props.hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  value: T | undefined;
  options: { value: T; label: ComponentChildren; name?: string }[];
  onChange: (value: T) => void;
  shape?: 'segments' | 'chips';
  disabled?: boolean;
}

/** Radio buttons that look like a segmented control or like chips. */
export function Choice<T extends string>({ legend, value, options, onChange, shape = 'segments', disabled }: ChoiceProps<T>) {
  const group = useId();
  return (
    <fieldset class={`choice ${shape}`} disabled={disabled}>
      <legend>{legend}</legend>
      <div class="choice-options">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={group}
              value={option.value}
              aria-label={option.name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
