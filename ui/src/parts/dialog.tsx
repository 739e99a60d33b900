/** A modal `<dialog>`: focus goes in, stays in, and returns to where it came from. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';
import { dialogOpened, Notices } from './notices.tsx';

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** `sheet` slides in from the side. */
  shape?: 'box' | 'wide' | 'sheet';
}

export function Dialog({ title, onClose, children, shape = 'box' }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const leaving = useModal(ref);
  return (
    <dialog
      ref={ref}
      class={`dialog ${shape}`}
      aria-labelledby={heading}
      onClose={() => leaving.current || onClose()}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <button type="button" class="icon-button" aria-label={t('close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
      <Notices place="dialog" />
    </dialog>
  );
}

/** Answers whether the dialog is being taken away: its last `close` event comes when another may be open already. */
function useModal(ref: { current: HTMLDialogElement | null }): { current: boolean } {
  const leaving = useRef(false);
  useEffect(() => {
    const closed = dialogOpened();
    const opener = document.activeElement;
    const dialog = ref.current;
    dialog?.showModal();
    const first = dialog?.querySelector<HTMLElement>('[data-autofocus]');
    first?.focus();
    return () => {
      leaving.current = true;
      closed();
      dialog?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return leaving;
}
