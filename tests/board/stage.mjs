// The hub and the board that a test plays before: tests/board/stage.py in a process of its own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const script = new URL('stage.py', import.meta.url).pathname;

// What is waited for is a condition; nobody sleeps for a time that may be too short tomorrow. Only a test that fails waits so long.
export async function until(what, holds, seconds = 120) {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const got = await holds();
    if (got) return got;
    if (performance.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((go) => setTimeout(go, 20));
  }
}

class Stage {
  constructor() {
    this.process = spawn('/usr/bin/python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.waiting = [];
    this.ended = new Promise((go) => this.process.once('exit', (code) => {
      for (const { fail } of this.waiting.splice(0)) fail(new Error(`stage.py ended with ${code}`));
      go();
    }));
    createInterface(this.process.stdout).on('line', (line) => {
      const { done, failed } = JSON.parse(line);
      const { give, fail } = this.waiting.shift();
      if (failed === undefined) give(done);
      else fail(new Error(failed));
    });
  }

  answer() { return new Promise((give, fail) => this.waiting.push({ give, fail })); }

  do(what, more = {}) {
    const answer = this.answer();
    this.process.stdin.write(JSON.stringify({ do: what, ...more }) + '\n');
    return answer;
  }

  concern(what) { return this.do('concern', what); }

  act(who, item, what, more = {}) { return this.do('act', { who, item, what, ...more }); }

  async end() {
    this.process.stdin.end();
    await this.ended;
  }
}

// Each call of `child` is another child, so that each alert is its own.
export async function raise() {
  const stage = new Stage();
  Object.assign(stage, await stage.answer());
  let children = 0;
  stage.child = () => ++children;
  return stage;
}
