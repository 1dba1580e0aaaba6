// What the test files begin with: a stage of their own, and desks that are left when a test has ended.
import { after, before, test } from 'node:test';
import { Desk, closeBrowser } from './desk.mjs';
import { raise } from './stage.mjs';

export function play(tell) {
  const scene = { stage: null };
  before(async () => { scene.stage = await raise(); });
  after(async () => {
    await closeBrowser();
    await scene.stage?.end();
  });
  tell((name, story) => test(name, async () => {
    const desks = [];
    // `where`: {url} of another board than the stage's own.
    const at = async (who, way, where = {}) => {
      const desk = await Desk.at(Object.assign(Object.create(scene.stage), where), way);
      desks.push(desk);
      if (who !== null) await desk.signIn(who);
      return desk;
    };
    try {
      await story(scene.stage, at);
      for (const desk of desks) desk.quiet();
    } finally {
      for (const desk of desks) await desk.leave();
      await scene.stage.do('mend');
    }
  }));
}
