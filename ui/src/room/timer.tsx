/** The clock everybody sees. The server says when it began; the seconds are counted here. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { chime, readyChime } from '../parts/chime.ts';
import { Dialog } from '../parts/dialog.tsx';
import { attempt } from '../parts/failure.ts';
import { Choice } from '../parts/fields.tsx';
import { Icon } from '../parts/icon.tsx';
import { announce } from '../parts/notices.tsx';
import { sound } from '../preferences.ts';
import type { Timer } from '../session/protocol.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';

const TICK_MS = 250;
const PRESETS_SECS = [30, 60, 120, 180, 300, 600];

/** Seconds left at `now` of this machine, whose clock is `skewMs` behind the server's. */
export function secondsLeft(timer: Timer, now: number, skewMs: number): number {
  if (!timer.isRunning) return timer.remainingTime;
  if (!timer.startedAt) return timer.remainingTime;
  const endsAt = Date.parse(timer.startedAt) + timer.duration * 1000;
  return Math.max(0, Math.min(timer.duration, Math.ceil((endsAt - (now + skewMs)) / 1000)));
}

export function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function useTimer(): { timer?: Timer; left: number; running: boolean } {
  const { room, live } = useTable();
  const { timer } = room;
  const [, tick] = useState(0);
  const left = timer ? secondsLeft(timer, Date.now(), live.skewMs) : 0;
  const running = timer?.isRunning === true && left > 0;
  useEffect(() => {
    if (!running) return;
    const clock = setInterval(() => tick(Date.now()), TICK_MS);
    return () => clearInterval(clock);
  }, [running, timer]);
  return { timer, left, running };
}

export function TimerButton() {
  const { host, show } = useTable();
  const { timer, left, running } = useTimer();
  const over = timer?.isRunning === true && left === 0 && timer.duration > 0;
  useTimeIsUp(running, over, timer?.settings?.audioEnabled === false);
  const active = running || over;
  if (!active && !host) return null;
  const words = active ? minutes(left) : t('timer');
  const ring = <Ring share={active && timer ? left / Math.max(1, timer.duration) : 1} />;
  const classes = `timer ${over ? 'over' : running && left <= 10 ? 'short' : ''}`;
  if (!host) {
    return (
      <p class={classes} role="timer" aria-label={t('timer')}>
        {ring}
        <span>{words}</span>
      </p>
    );
  }
  return (
    <button type="button" class={`${classes} button`} onClick={() => show({ kind: 'timer' })}>
      {active ? ring : <Icon name="clock" />}
      <span class="unseen">{active ? t('timer') : ''} </span>
      <span class={active ? undefined : 'wide-only'}>{words}</span>
    </button>
  );
}

/** Time is up before these eyes, not when they came to a timer that had run out. */
function useTimeIsUp(running: boolean, over: boolean, silent: boolean): void {
  const ran = useRef(false);
  useEffect(readyChime, []);
  useEffect(() => {
    if (over && ran.current) {
      announce(t('timeIsUp'));
      if (sound.value && !silent) void chime();
    }
    ran.current = running;
  }, [running, over]);
}

function Ring({ share }: { share: number }) {
  return (
    <svg class="ring" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <circle cx="10" cy="10" r="8" class="ring-track" />
      <circle cx="10" cy="10" r="8" class="ring-rest" pathLength="100" stroke-dasharray={`${share * 100} 100`} transform="rotate(-90 10 10)" />
    </svg>
  );
}

export function TimerDialog({ onClose }: { onClose: () => void }) {
  const { actions, room } = useTable();
  const { running, left, timer } = useTimer();
  const wanted = timer?.duration || room.config.timerSeconds || 60;
  const [seconds, setSeconds] = useState(wanted);
  const presets = [...new Set([...PRESETS_SECS, wanted])].sort((a, b) => a - b);
  const act = async (action: Promise<unknown>) => {
    if (await attempt(action)) onClose();
  };
  return (
    <Dialog title={t('timer')} onClose={onClose}>
      {running && <p class="big-clock">{minutes(left)}</p>}
      <Choice
        legend={t('duration')}
        shape="chips"
        value={String(seconds)}
        options={presets.map((value) => ({ value: String(value), label: minutes(value) }))}
        onChange={(value) => setSeconds(Number(value))}
      />
      <div class="row end">
        {timer?.isRunning && (
          <button type="button" class="button" onClick={() => void act(actions.stopTimer())}>
            {t('stop')}
          </button>
        )}
        <button type="button" class="button primary" data-autofocus onClick={() => void act(actions.startTimer(seconds))}>
          {running ? t('startAnew') : t('start')}
        </button>
      </div>
    </Dialog>
  );
}
