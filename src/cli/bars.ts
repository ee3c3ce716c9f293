import { MultiBar, type SingleBar } from 'cli-progress';
import { Tracker } from '../tracker.ts';
import { activeLines, overall, type View, waitingLines } from './screen.ts';
import { printable, wrapped } from './words.ts';

const TICK = 120;

/** Bars on a terminal: one over all, one for each download that takes a while, one line for who waits. */
export function bars(terminal: NodeJS.WriteStream): View {
  const tracker = new Tracker();
  const drawing = new MultiBar({
    stream: terminal,
    format: (_options, _params, payload: { line: string }) => payload.line,
    clearOnComplete: true,
    hideCursor: true,
    fps: 8,
    linewrap: null,
    emptyOnZero: true,
  });
  const slots: SingleBar[] = [];
  let shown = '';
  const draw = () => {
    const width = Math.max(30, (terminal.columns ?? 80) - 1);
    const lines = [overall(tracker, width), ...activeLines(tracker, width), ...waitingLines(tracker, width)];
    if (lines.join('\n') === shown) return;
    shown = lines.join('\n');
    while (slots.length < lines.length) slots.push(drawing.create(1, 0, { line: '' }));
    while (slots.length > lines.length) drawing.remove(slots.pop()!);
    for (const [i, slot] of slots.entries()) slot.update(0, { line: lines[i] });
  };
  const clock = setInterval(draw, TICK);
  clock.unref();
  return {
    see: tracker.see,
    say(line) {
      const width = Math.max(30, (terminal.columns ?? 80) - 1);
      for (const part of wrapped(printable(line), width)) drawing.log(`${part.padEnd(width)}\n`); // over whatever bar stood there
    },
    end() {
      clearInterval(clock);
      drawing.stop();
    },
  };
}
