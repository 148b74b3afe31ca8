// JSON lines in on stdin, JSON lines out on stdout, and a bounded life.
// Events are printed when they happen; a test waits for a line, never for a time.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

// Whoever started this may be gone before us; nobody is left to tell.
process.stdout.on('error', () => process.exit(4));

/** Prints one event as one line. */
export function emit(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Prints a problem of the test itself (not of the product) as an event. */
export function complain(problem, about = {}) {
  emit({ error: problem, ...about });
}

/** Reads `--name value` options; every one is a string and has a default. */
export function options(defaults) {
  const shape = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' }]));
  const { values } = parseArgs({ options: { ...shape, 'deadline-s': { type: 'string' } } });
  endAfter(Number(values['deadline-s'] ?? 300));
  return { ...defaults, ...values };
}

/** A peer whose test died must not live on: it ends by itself with status 3. */
function endAfter(seconds) {
  setTimeout(() => {
    complain(`deadline of ${seconds} s reached`);
    process.exitCode = 3;
    setImmediate(() => process.exit(3));
  }, seconds * 1000).unref();
}

/**
 * Runs commands from stdin, one object a line with one key naming the command.
 * End of input means `quit`.
 */
export function obey(commands) {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    try {
      const object = JSON.parse(line);
      const name = Object.keys(object).find((key) => key in commands);
      if (!name) throw new Error(`no such command; known: ${Object.keys(commands).join(', ')}`);
      commands[name](object[name] ?? {});
    } catch (problem) {
      complain(problem.message, { line });
    }
  });
  lines.on('close', () => commands.quit({}));
}
