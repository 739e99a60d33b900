/** Faces: one emoji each. */
import { useId } from 'preact/hooks';
import { t } from '../text/text.ts';

export const AVATARS = [
  '🦊', '🐼', '🦉', '🐙', '🐝', '🦋', '🐢', '🐧', '🦄', '🐳', '🦔', '🐸',
  '🦁', '🐯', '🐨', '🐰', '🦝', '🦩', '🍀', '🌵', '🍄', '🌻', '🍉', '🥑',
  '🚀', '⚡', '🎸', '🎲', '🧩', '🔭', '🎨', '🧭',
];

export function randomAvatar(): string {
  return AVATARS[Math.floor(Math.random() * AVATARS.length)]!;
}

/** Names from other frontends (`avatar-1`) have no picture here; the first letter stands in. */
export function Avatar({ avatar, name }: { avatar: string; name: string }) {
  const letter = /^[\w-]/.test(avatar);
  return (
    <span class={letter ? 'avatar letter' : 'avatar'} aria-hidden="true">
      {letter ? name.slice(0, 1).toUpperCase() : avatar}
    </span>
  );
}

export function AvatarPicker({ value, onChange }: { value: string; onChange: (avatar: string) => void }) {
  const group = useId();
  const options = AVATARS.includes(value) || !value ? AVATARS : [value, ...AVATARS];
  return (
    <fieldset class="avatars">
      <legend>{t('avatar')}</legend>
      <div class="avatar-options">
        {options.map((avatar) => (
          <label key={avatar}>
            <input type="radio" name={group} value={avatar} checked={avatar === value} onChange={() => onChange(avatar)} />
            <span>{avatar}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
